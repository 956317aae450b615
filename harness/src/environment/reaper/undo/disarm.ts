/**
 * Heals a protocol fault of a twin, or all it has, at its control port. In the docker engine the twin's own Node does it from
 * inside its container: the reaper is on no network of the run, and a fault of the network must not keep it away.
 */
import { codeOf } from '../../../support/errors.ts'
import { runInside } from '../run-inside.ts'
import type { UndoWay } from './undo.ts'

/** A twin answers in a few ms; one that is broken never does. */
const answerMsMax = 2000

/** Exit code: no such fault is in force. */
const gone = 3

/** Runs in the twin's container. The token goes by the environment: command lines are shown to everybody. */
const inside = `
fetch('http://127.0.0.1:' + process.env.PORT + process.env.FAULTS, {
  method: 'DELETE',
  headers: { authorization: 'Bearer ' + process.env.TOKEN },
  signal: AbortSignal.timeout(${answerMsMax}),
}).then((answer) => process.exit(answer.ok ? 0 : answer.status === 404 ? ${gone} : 1), () => process.exit(2))`

export const disarm: UndoWay<'disarm'> = {
  kind: 'disarm',
  isComplete: ({ port, token, fault }) =>
    Number.isInteger(port) && typeof token === 'string' && (fault === undefined || isFaultId(fault)),
  async inContainer({ unit, port, token, fault }, hands) {
    const id = await hands.containerOf(unit)
    if (id === undefined) return 'moot'
    const doing = `reach the control port of ${unit}`
    const env = [`PORT=${port}`, `TOKEN=${token}`, `FAULTS=${pathOf(fault)}`]
    const code = await runInside(hands.ask, id, { source: inside, env, doing })
    // A process that has ended has forgotten its faults; so has one that was started again meanwhile.
    if (code === undefined || code === gone) return 'not needed'
    if (code === 0) return 'healed'
    throw new Error(
      `heal the faults of ${unit}: its control port ${code === 1 ? 'refused' : 'did not answer'}`,
    )
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
