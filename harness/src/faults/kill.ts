/**
 * Ends the target's process with a signal and starts it again when healed: same address, same data folder,
 * everything in memory gone. A signal that the program survives has not bitten. SIGSTOP ends nothing: it is a pause.
 */
import type { Unit, UnitState } from '../environment/engine.ts'
import { pollUntil } from '../support/poll.ts'
import type { Fault, FaultReceipt } from './fault.ts'
import { pause } from './pause.ts'

/** How long a program may take to obey a signal before we say that it did not. */
const obeyMsMax = 5_000

export const kill: Fault<'kill'> = {
  kind: 'kill',
  summary: 'ends the process with a signal; healing starts it again at the same address',
  available: () => ({ available: true, rung: 'engine' }),
  async inject(spec, of) {
    if (spec.signal === 'SIGSTOP') return await pause.inject({ kind: 'pause' }, of)
    const { unit: target, intend } = of
    const before = await target.inspect()
    const withdraw = await intend({ kind: 'restart', unit: target.name })
    await target.kill(spec.signal)
    const ended = await waitForEnd(target)
    let after: UnitState | undefined
    return {
      async heal() {
        if (after !== undefined) return
        after = await revive(target)
        await withdraw()
      },
      receipt: () => describe(spec.signal, before, ended, after),
    }
  },
}

/** The state of the unit once it runs, started again if it had ended. */
export async function revive(target: Unit): Promise<UnitState> {
  if ((await target.inspect()).status === 'exited') await target.restart()
  return await target.inspect()
}

/** The state once the program is gone; its last state if it would not go. */
export async function waitForEnd(target: Unit): Promise<UnitState> {
  let last = await target.inspect()
  await pollUntil({
    what: `${target.name} has ended`,
    everyMs: 10,
    budgetMs: obeyMsMax,
    probe: async () => {
      last = await target.inspect()
      return last.status === 'exited' ? { done: true, value: last } : { done: false, saw: last.status }
    },
  }).catch(() => undefined)
  return last
}

function describe(signal: string, before: UnitState, ended: UnitState, after?: UnitState): FaultReceipt {
  const bit = before.status === 'running' && ended.status === 'exited'
  const end = bit
    ? `process ${before.pid} ended by ${signal} (exit code ${ended.exitCode ?? 'none'})`
    : `process ${before.pid} survived ${signal}`
  const restart = after?.pid === undefined ? '' : `, process ${after.pid} after the restart`
  return { bit, rung: 'engine', evidence: end + restart }
}
