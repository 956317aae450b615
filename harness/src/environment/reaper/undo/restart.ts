/** Starts a unit that was ended: same container, same addresses, same data folder. */
import { refused } from '../docker-socket.ts'
import type { UndoWay } from './undo.ts'

export const restart: UndoWay<'restart'> = {
  kind: 'restart',
  isComplete: () => true,
  async inContainer({ unit }, { containerOf, ask }) {
    const id = await containerOf(unit)
    if (id === undefined) return 'moot'
    const answer = await ask('POST', `/containers/${id}/start`)
    if (answer.status === 204) return 'healed'
    if (answer.status === 304 || /cannot start a paused container/i.test(answer.body)) return 'not needed'
    throw refused(`start ${unit}`, answer)
  },
  /** A process is the child of its harness and ends with it. */
  inProcess: async () => 'moot',
}
