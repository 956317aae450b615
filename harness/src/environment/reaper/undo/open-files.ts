/**
 * Gives a process its limit on open files back, from the container beside it that shares its process ids. A process
 * that was started again has no limit of ours, and that container has ended with the one before.
 */
import { runInside } from '../run-inside.ts'
import { removeContainer } from './remove.ts'
import { openFilesSide, setOpenFiles, sideName } from './side-programs.ts'
import type { UndoOutcome, UndoWay } from './undo.ts'

export const openFiles: UndoWay<'open-files'> = {
  kind: 'open-files',
  isComplete: ({ max, user }) =>
    Number.isSafeInteger(max) && typeof user === 'string' && /^\d+:\d+$/.test(user),
  async inContainer({ unit, max, user }, hands) {
    const side = sideName(unit, openFilesSide)
    const id = await hands.containerOf(side)
    if (id === undefined) return 'not needed'
    const doing = `give ${unit} its open files back`
    const code = await runInside(hands.ask, id, { source: setOpenFiles, args: [String(max)], user, doing })
    if (code !== undefined && code !== 0) throw new Error(`${doing}: prlimit ended with ${code}`)
    await removeContainer(hands.ask, id, side)
    return code === 0 ? 'healed' : 'not needed'
  },
  /** A process is the child of its harness and ends with it. */
  inProcess: async (): Promise<UndoOutcome> => 'moot',
}
