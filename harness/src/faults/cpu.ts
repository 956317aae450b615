/**
 * Leaves the target a share of processor time. Everything still works and takes longer, which is where timeouts and
 * probes that are set too tight show. The receipt is the kernel's count of the times it wanted to compute and was
 * not let; a program that has nothing to do does not notice.
 */
import { nowMs } from '../support/clock.ts'
import type { Fault } from './fault.ts'
import { controlGroupOf, limitsOf, needsControlGroup } from './needs.ts'

export const cpu: Fault<'cpu'> = {
  kind: 'cpu',
  summary: 'leaves the process a share of processor time',
  available: needsControlGroup,
  async inject({ cpus }, { unit, intend }) {
    const group = controlGroupOf(unit)
    const withdraw = await intend(await limitsOf(unit, { cpus: null }))
    const since = nowMs()
    // A sample takes up to a second; the harm need not wait for it.
    const [before] = await Promise.all([group.usage(), group.limit({ cpus })])
    let healed: { readonly throttled: number; readonly afterMs: number } | undefined
    return {
      async heal() {
        if (healed !== undefined) return
        await group.limit({ cpus: null })
        const afterMs = nowMs() - since
        await withdraw()
        const isAlive = (await unit.inspect()).status !== 'exited'
        const throttled = isAlive ? (await group.usage()).throttledPeriods - before.throttledPeriods : 0
        healed = { throttled, afterMs }
      },
      receipt: () => {
        const held =
          healed === undefined
            ? 'in force'
            : `held back in ${healed.throttled} periods of 100 ms, in ${healed.afterMs.toFixed(0)} ms`
        return {
          bit: (healed?.throttled ?? 0) > 0,
          rung: 'control group',
          evidence: `${cpus} of a processor: ${held}`,
        }
      },
    }
  },
}
