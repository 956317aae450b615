/**
 * Heals a protocol fault of a twin, or all it has, at its control port. In the docker engine the twin's own Node does it from
 * inside its container: the reaper is on no network of the run, and a fault of the network must not keep it away.
 */
import { codeOf } from '../../../support/errors.ts'
import { type Answer, refused } from '../docker-socket.ts'
import type { ContainerHands, UndoOutcome, UndoWay } from './undo.ts'

/** A twin answers in a few ms; one that is broken never does. */
const answerMsMax = 2000

/** Runs in the twin's container. The token goes by the environment: command lines are shown to everybody. */
const inside = `
fetch('http://127.0.0.1:' + process.env.PORT + process.env.FAULTS, {
  method: 'DELETE',
  headers: { authorization: 'Bearer ' + process.env.TOKEN },
  signal: AbortSignal.timeout(${answerMsMax}),
}).then((answer) => process.exit(answer.ok ? 0 : answer.status === 404 ? 3 : 1), () => process.exit(2))`

export const disarm: UndoWay<'disarm'> = {
  kind: 'disarm',
  isComplete: ({ port, token, fault }) =>
    Number.isInteger(port) && typeof token === 'string' && (fault === undefined || isFaultId(fault)),
  async inContainer({ unit, port, token, fault }, hands) {
    const id = await hands.containerOf(unit)
    if (id === undefined) return 'moot'
    const exec = await hands.ask('POST', `/containers/${id}/exec`, {
      body: {
        Cmd: ['node', '-e', inside],
        Env: [`PORT=${port}`, `TOKEN=${token}`, `FAULTS=${pathOf(fault)}`],
        AttachStdout: true,
        AttachStderr: true,
      },
    })
    // A process that has ended has forgotten its faults.
    if (exec.status === 409 && /is not running/.test(exec.body)) return 'not needed'
    if (exec.status !== 201) throw refused(`reach the control port of ${unit}`, exec)
    return await outcomeOf((JSON.parse(exec.body) as { Id: string }).Id, unit, hands.ask)
  },
  async inProcess({ unit, port, token, fault }, { processOf }) {
    if (processOf(unit) === undefined) return 'not needed'
    const answer = await fetch(`http://127.0.0.1:${port}${pathOf(fault)}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(answerMsMax),
    }).catch((error: unknown) => {
      // Without its harness it has lost its output, and ends by itself at the next line.
      if (isClosed(error)) return undefined
      throw error
    })
    // Without the fault: healed already, or forgotten with an earlier life of the process.
    if (answer === undefined || answer.status === 404) return 'not needed'
    if (answer.ok) return 'healed'
    throw new Error(`heal the faults of ${unit}: HTTP ${answer.status}`)
  },
}

function isFaultId(fault: unknown): boolean {
  return typeof fault === 'string' && /^[\w-]{1,40}$/.test(fault)
}

function pathOf(fault: string | undefined): string {
  return fault === undefined ? '/faults' : `/faults/${fault}`
}

function isClosed(error: unknown): boolean {
  const code = error instanceof Error ? codeOf(error.cause) : undefined
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'UND_ERR_SOCKET'
}

/** The answer of the engine ends when the program does. */
async function outcomeOf(exec: string, unit: string, ask: ContainerHands['ask']): Promise<UndoOutcome> {
  const started = await ask('POST', `/exec/${exec}/start`, { body: { Detach: false, Tty: true } })
  if (started.status !== 200) throw refused(`reach the control port of ${unit}`, started)
  const ended: Answer = await ask('GET', `/exec/${exec}/json`)
  const { ExitCode: code } = JSON.parse(ended.body) as { ExitCode: number | null }
  if (code === 0) return 'healed'
  if (code === 3) return 'not needed'
  throw new Error(`heal the faults of ${unit}: its control port ${code === 1 ? 'refused' : 'did not answer'}`)
}
