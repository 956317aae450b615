/**
 * Freezes the target: the kernel keeps its connections open and accepts new ones, but nothing answers.
 * This is what a hung server looks like from outside, and what a probe without a deadline never notices.
 */
import { nowMs } from '../support/clock.ts'
import type { Fault } from './fault.ts'

export const pause: Fault<'pause'> = {
  kind: 'pause',
  summary: 'freezes the process; connections stay open and silent until it is healed',
  available: () => ({ available: true, rung: 'engine' }),
  async inject(_spec, { unit: target, intend }) {
    const before = await target.inspect()
    const withdraw = await intend({ kind: 'unpause', unit: target.name })
    await target.pause()
    const frozenAt = nowMs()
    const frozen = await target.inspect()
    let thawedAfterMs: number | undefined
    return {
      async heal() {
        if (thawedAfterMs !== undefined) return
        if ((await target.inspect()).status === 'paused') await target.unpause()
        thawedAfterMs = nowMs() - frozenAt
        await withdraw()
      },
      receipt: () => {
        const bit = before.status === 'running' && frozen.status === 'paused'
        const held =
          thawedAfterMs === undefined ? 'still frozen' : `frozen for ${thawedAfterMs.toFixed(0)} ms`
        return {
          bit,
          rung: 'engine',
          evidence: bit ? `process ${before.pid} ${held}` : 'did not freeze',
        }
      },
    }
  },
}
