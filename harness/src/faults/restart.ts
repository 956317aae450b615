/**
 * Stops the target and starts it again by itself, as an update or a watchdog does: down only as long as it takes, or
 * as the delay says. Healing before that brings it up at once.
 */
import type { UnitState } from '../environment/engine.ts'
import { nowMs, sleep } from '../support/clock.ts'
import type { Fault } from './fault.ts'
import { revive } from './kill.ts'
import { stopReceipt } from './stop.ts'

export const restart: Fault<'restart'> = {
  kind: 'restart',
  summary: 'stops the process and starts it again after a delay, by itself',
  available: () => ({ available: true, rung: 'engine' }),
  async inject({ graceMs, delayMs }, { unit, intend }) {
    const before = await unit.inspect()
    const withdraw = await intend({ kind: 'restart', unit: unit.name })
    const askedAt = nowMs()
    await unit.stop({ graceMs })
    const tookMs = nowMs() - askedAt
    const ended = await unit.inspect()
    const healing = new AbortController()
    let after: UnitState | undefined
    const comeBack = async (): Promise<void> => {
      await sleep(delayMs, healing.signal).catch(() => undefined)
      after = await revive(unit)
      await withdraw()
    }
    const back = comeBack()
    return {
      over: back.catch(() => undefined),
      async heal() {
        healing.abort()
        await back
      },
      receipt: () => stopReceipt({ before, ended, tookMs, after }),
    }
  },
}
