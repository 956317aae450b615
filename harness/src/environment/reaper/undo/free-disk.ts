/** Gives a unit its data disk back, from the container that keeps it. */
import { runInside } from '../run-inside.ts'
import { keeperSide, sideName, freeDisk as source } from './side-programs.ts'
import type { UndoWay } from './undo.ts'

export const freeDisk: UndoWay<'free-disk'> = {
  kind: 'free-disk',
  isComplete: ({ folder }) => typeof folder === 'string' && folder.startsWith('/'),
  async inContainer({ unit, folder }, { containerOf, ask }) {
    const id = await containerOf(sideName(unit, keeperSide))
    if (id === undefined) return 'moot'
    const doing = `free the data disk of ${unit}`
    const code = await runInside(ask, id, { source, args: [folder], doing })
    if (code === 0) return 'healed'
    if (code === 3) return 'not needed'
    throw new Error(
      `${doing}: ${code === undefined ? 'its keeper does not run' : `its keeper ended with ${code}`}`,
    )
  },
  /** A child process has no disk of its own. */
  inProcess: async () => 'moot',
}
