/**
 * Fills the disk that the target keeps its files on: what it writes fails with ENOSPC, what is there can be read. The
 * disk must be one of its own and small, which is decided before the container is made: a run whose plan has this
 * fault gives each possible target a data folder of that size.
 */
import { EngineError } from '../environment/engine-error.ts'
import type { Fault } from './fault.ts'

const mib = 2 ** 20

export const diskFull: Fault<'disk-full'> = {
  kind: 'disk-full',
  summary: 'fills the disk of its data folder, which is of a fixed size in a run with this fault',
  available: ({ engine }) =>
    engine === 'docker'
      ? { available: true, rung: 'volume in memory' }
      : { available: false, reason: 'a child process has no disk of its own; use docker' },
  async inject(_spec, { unit }) {
    const disk = unit.dataDisk
    if (disk === undefined) {
      throw new EngineError(
        'unit-failed',
        `Cannot fill the disk of ${unit.name}: it was not started with one of a fixed size; say it in the plan`,
      )
    }
    const before = await disk.freeBytes()
    await disk.fill()
    const full = await disk.freeBytes()
    let after: number | undefined
    return {
      async heal() {
        if (after !== undefined) return
        await disk.clear()
        after = await disk.freeBytes()
      },
      receipt: () => {
        const size = `${(disk.sizeBytes / mib).toFixed(0)} MiB`
        const healed = after === undefined ? '' : `, ${after} after the heal`
        return {
          bit: before > 0 && full === 0,
          rung: 'volume in memory',
          evidence: `${full} bytes free of ${size}, ${before} before${healed}`,
        }
      },
    }
  },
}
