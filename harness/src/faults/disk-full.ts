/**
 * Fills the disk that the target keeps its files on: what it writes fails with ENOSPC, what is there can be read. The
 * disk must be one of its own and small, which is decided before the container is made: a run whose plan has this
 * fault gives each possible target a data folder of that size.
 */
import type { Fault } from './fault.ts'
import { dataDiskOf, needsDataDisk } from './needs.ts'

const mib = 2 ** 20

export const diskFull: Fault<'disk-full'> = {
  kind: 'disk-full',
  summary: 'fills the disk of its data folder, which is of a fixed size in a run with this fault',
  available: needsDataDisk,
  async inject(_spec, { unit, intend }) {
    const disk = dataDiskOf(unit)
    const before = await disk.freeBytes()
    const withdraw = await intend(disk.undo)
    await disk.fill()
    const full = await disk.freeBytes()
    let after: number | undefined
    return {
      async heal() {
        if (after !== undefined) return
        await disk.clear()
        await withdraw()
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
