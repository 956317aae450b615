/**
 * Asks the target to end, as an operator or an orchestrator does: SIGTERM, then SIGKILL after the grace. What it does
 * with the grace (finish jobs, close sockets with a reason) is the difference to a kill. Healing starts it again.
 */
import type { UnitState } from '../environment/engine.ts'
import { nowMs } from '../support/clock.ts'
import type { Fault, FaultReceipt } from './fault.ts'
import { revive } from './kill.ts'

export const stop: Fault<'stop'> = {
  kind: 'stop',
  summary: 'asks the process to end, kills it after the grace; healing starts it again',
  available: () => ({ available: true, rung: 'engine' }),
  async inject({ graceMs }, { unit, intend }) {
    const before = await unit.inspect()
    const withdraw = await intend({ kind: 'restart', unit: unit.name })
    const askedAt = nowMs()
    await unit.stop({ graceMs })
    const tookMs = nowMs() - askedAt
    const ended = await unit.inspect()
    let after: UnitState | undefined
    return {
      async heal() {
        if (after !== undefined) return
        after = await revive(unit)
        await withdraw()
      },
      receipt: () => stopReceipt({ before, ended, tookMs, after }),
    }
  },
}

/** The evidence of a stop, also of the one in a restart. */
export function stopReceipt(seen: {
  readonly before: UnitState
  readonly ended: UnitState
  readonly tookMs: number
  readonly after: UnitState | undefined
}): FaultReceipt {
  const { before, ended, after } = seen
  if (before.status === 'exited' || ended.status !== 'exited') {
    return { bit: false, rung: 'engine', evidence: `process ${before.pid ?? 'none'} did not end` }
  }
  const how = `ended ${seen.tookMs.toFixed(0)} ms after SIGTERM (exit code ${ended.exitCode ?? 'none'})`
  const restart = after?.pid === undefined ? '' : `, process ${after.pid} after the restart`
  return { bit: true, rung: 'engine', evidence: `process ${before.pid} ${how}${restart}` }
}
