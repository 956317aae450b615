/**
 * Lets nothing be written to the disk of the target's data folder: what it writes fails with EROFS, what is there can
 * be read, as after an error of the file system. The disk is one of its own, as for `disk-full`. The kernel refuses while
 * a file is open for writing, so that is waited for.
 */
import type { DataDisk } from '../environment/abilities.ts'
import { pollUntil } from '../support/poll.ts'
import type { Fault } from './fault.ts'
import { dataDiskOf, needsDataDisk } from './needs.ts'

/** A file is written in milliseconds; one that stays open longer, as a log does, is never closed. */
const sealMsMax = 3_000

export const readOnly: Fault<'read-only'> = {
  kind: 'read-only',
  summary: 'makes the disk of its data folder read-only, which is one of its own in a run with this fault',
  available: needsDataDisk,
  async inject(_spec, { unit, intend }) {
    const disk = dataDiskOf(unit)
    const withdraw = await intend(disk.undo)
    await sealed(disk)
    const refused = await disk.writeFailure()
    let after: string | undefined
    let healed = false
    return {
      async heal() {
        if (healed) return
        await disk.unseal()
        after = await disk.writeFailure()
        await withdraw()
        healed = true
      },
      receipt: () => {
        const now = healed ? `, ${after ?? 'written'} after the heal` : ''
        return {
          bit: refused === 'EROFS',
          rung: 'volume in memory',
          evidence: `a write to its data folder: ${refused ?? 'written'}${now}`,
        }
      },
    }
  },
}

async function sealed(disk: DataDisk): Promise<void> {
  await pollUntil({
    what: 'the data disk can be made read-only',
    everyMs: 50,
    budgetMs: sealMsMax,
    probe: async () => ({ done: true, value: await disk.seal() }),
  })
}
