/**
 * Lets the target use little more memory than it does now. When it wants more the kernel kills it, as on a machine
 * that is too small; that this happened is the receipt. It has nothing to do with the memory of a twin's virtual GPU,
 * which is a failure of a protocol (`comfyui.gpu.step`, `out-of-memory`).
 */
import type { ControlGroup } from '../environment/abilities.ts'
import type { UnitState } from '../environment/engine.ts'
import type { Fault, FaultReceipt } from './fault.ts'
import { revive } from './kill.ts'
import { controlGroupOf, limitsOf, needsControlGroup } from './needs.ts'

const mib = 2 ** 20

/** Docker refuses less. */
const leastBytes = 6 * mib
/** What a program can be made to give back, beside pages of files: some MiB of the kernel's own. */
const slackBytes = 8 * mib
const stepBytes = mib / 2

export const memory: Fault<'memory'> = {
  kind: 'memory',
  summary: 'lets the process use little more memory than now; the kernel kills it when it wants more',
  available: needsControlGroup,
  async inject({ headroomMb }, { unit, intend }) {
    const group = controlGroupOf(unit)
    const before = await unit.inspect()
    const { memoryBytes } = await group.usage()
    // Undone in reverse order: first room, then a start in it.
    const withdrawStart = await intend({ kind: 'restart', unit: unit.name })
    const withdrawRoom = await intend(await limitsOf(unit, { memoryBytes: null }))
    const limitBytes =
      headroomMb === 0
        ? await squeeze(group, memoryBytes)
        : await limitTo(group, Math.ceil(memoryBytes + headroomMb * mib))
    let end: UnitState | undefined
    return {
      async heal() {
        if (end !== undefined) return
        await group.limit({ memoryBytes: null })
        // Not before: the engine may not have noticed yet that it was killed.
        const seen = await unit.inspect()
        await revive(unit)
        await withdrawRoom()
        await withdrawStart()
        end = seen
      },
      receipt: () => describe(before, limitBytes, end),
    }
  },
}

async function limitTo(group: ControlGroup, memoryBytes: number): Promise<number> {
  await group.limit({ memoryBytes })
  return memoryBytes
}

/**
 * The lowest limit that the kernel accepts. cgroup v1 takes back what it can and refuses a limit below the rest, so
 * the way there is up from below; v2 accepts any and kills.
 */
async function squeeze(group: ControlGroup, usedBytes: number): Promise<number> {
  let limitBytes = Math.max(leastBytes, usedBytes - slackBytes)
  for (;;) {
    try {
      return await limitTo(group, limitBytes)
    } catch (error) {
      if (limitBytes > usedBytes + slackBytes) throw error
      limitBytes += stepBytes
    }
  }
}

function describe(before: UnitState, limitBytes: number, end: UnitState | undefined): FaultReceipt {
  const bit = end?.oomKilled === true
  const limit = `at most ${(limitBytes / mib).toFixed(1)} MiB`
  const what = bit
    ? `process ${before.pid} was killed by the kernel (exit code ${end?.exitCode ?? 'none'})`
    : `process ${before.pid} was not killed`
  return { bit, rung: 'control group', evidence: `${limit}: ${what}` }
}
