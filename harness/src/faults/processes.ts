/**
 * Lets the target begin no more processes and threads than it has: what it spawns fails with EAGAIN. A program that
 * spawns nothing does not notice; the receipt says that the limit was reached, not that something was refused,
 * because the engine's statistics do not count refusals.
 */
import type { Fault } from './fault.ts'
import { controlGroupOf, limitsOf, needsControlGroup } from './needs.ts'

export const processes: Fault<'processes'> = {
  kind: 'processes',
  summary: 'lets the process start no more processes and threads',
  available: needsControlGroup,
  async inject({ spare }, { unit, intend }) {
    const group = controlGroupOf(unit)
    const { tasks } = await group.usage()
    const limit = tasks + spare
    const withdraw = await intend(await limitsOf(unit, { tasks: null }))
    await group.limit({ tasks: limit })
    let most = (await group.usage()).tasks
    let healed = false
    return {
      async heal() {
        if (healed) return
        if ((await unit.inspect()).status !== 'exited') most = Math.max(most, (await group.usage()).tasks)
        await group.limit({ tasks: null })
        await withdraw()
        healed = true
      },
      receipt: () => ({
        bit: most > 0 && most >= limit,
        rung: 'control group',
        evidence: `${most} of at most ${limit} processes and threads in use`,
      }),
    }
  },
}
