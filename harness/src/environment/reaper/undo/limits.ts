/** Gives a container the limits it had before. Processes of the process engine have none. */
import { refused } from '../docker-socket.ts'
import { limitNames, type UndoWay } from './undo.ts'

export const limits: UndoWay<'limits'> = {
  kind: 'limits',
  isComplete: ({ limits: given }) =>
    typeof given === 'object' &&
    given !== null &&
    Object.entries(given).every(([name, value]) => isLimitName(name) && Number.isSafeInteger(value)),
  async inContainer({ unit, limits: wanted }, { containerOf, ask }) {
    const id = await containerOf(unit)
    if (id === undefined) return 'moot'
    const answer = await ask('POST', `/containers/${id}/update`, { body: wanted })
    if (answer.status === 200) return 'healed'
    throw refused(`update the limits of ${unit}`, answer)
  },
  inProcess: async () => 'moot',
}

function isLimitName(name: string): boolean {
  return (limitNames as readonly string[]).includes(name)
}
