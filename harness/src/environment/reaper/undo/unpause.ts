/** Thaws a unit that was frozen. */
import { refused } from '../docker-socket.ts'
import type { UndoWay } from './undo.ts'

export const unpause: UndoWay<'unpause'> = {
  kind: 'unpause',
  isComplete: () => true,
  async inContainer({ unit }, { containerOf, ask }) {
    const id = await containerOf(unit)
    if (id === undefined) return 'moot'
    const answer = await ask('POST', `/containers/${id}/unpause`)
    if (answer.status === 204) return 'healed'
    // Engine 20.10 answers 500 for one that is not paused, and 409 for one that does not run; the words are the same.
    if (/is not (paused|running)/.test(answer.body)) return 'not needed'
    throw refused(`unpause ${unit}`, answer)
  },
  async inProcess({ unit }, { processOf }) {
    const pid = processOf(unit)
    if (pid === undefined) return 'moot'
    // To one that runs it says nothing.
    process.kill(-pid, 'SIGCONT')
    return 'healed'
  },
}
