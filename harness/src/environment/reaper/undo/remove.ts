/** Removes a side container: a unit of the run that only serves a fault. What it did to others ends with it. */
import { refused } from '../docker-socket.ts'
import type { UndoWay } from './undo.ts'

export const remove: UndoWay<'remove'> = {
  kind: 'remove',
  isComplete: () => true,
  async inContainer({ unit }, { containerOf, ask }) {
    const id = await containerOf(unit)
    if (id === undefined) return 'not needed'
    const answer = await ask('DELETE', `/containers/${id}`, { query: { force: 'true', v: 'true' } })
    // 409: it is going already, because its input has ended with the harness.
    if (answer.status === 204 || answer.status === 409) return 'healed'
    if (answer.status === 404) return 'not needed'
    throw refused(`remove ${unit}`, answer)
  },
  async inProcess({ unit }, { processOf }) {
    const pid = processOf(unit)
    if (pid === undefined) return 'not needed'
    process.kill(-pid, 'SIGKILL')
    return 'healed'
  },
}
