/**
 * Lets the target use little more memory than it does now. When it wants more the kernel kills it, as on a machine
 * that is too small; that this happened is the receipt. It has nothing to do with the memory of a twin's virtual GPU,
 * which is a failure of a protocol (`comfyui.gpu.step`, `out-of-memory`).
 */
import type { UnitState } from '../environment/engine.ts'
import type { Fault, FaultReceipt } from './fault.ts'
import { revive } from './kill.ts'
import { controlGroupOf, needsControlGroup } from './needs.ts'

const mib = 2 ** 20

export const memory: Fault<'memory'> = {
  kind: 'memory',
  summary: 'lets the process use little more memory than now; the kernel kills it when it wants more',
  available: needsControlGroup,
  async inject({ headroomMb }, { unit }) {
    const group = controlGroupOf(unit)
    const before = await unit.inspect()
    const { memoryBytes } = await group.usage()
    const limitBytes = Math.ceil(memoryBytes + headroomMb * mib)
    await group.limit({ memoryBytes: limitBytes })
    let end: UnitState | undefined
    return {
      async heal() {
        if (end !== undefined) return
        const seen = await unit.inspect()
        await group.limit({ memoryBytes: null })
        await revive(unit)
        end = seen
      },
      receipt: () => describe(before, limitBytes, end),
    }
  },
}

function describe(before: UnitState, limitBytes: number, end: UnitState | undefined): FaultReceipt {
  const bit = end?.oomKilled === true
  const limit = `at most ${(limitBytes / mib).toFixed(1)} MiB`
  const what = bit
    ? `process ${before.pid} was killed by the kernel (exit code ${end?.exitCode ?? 'none'})`
    : `process ${before.pid} was not killed`
  return { bit, rung: 'control group', evidence: `${limit}: ${what}` }
}
