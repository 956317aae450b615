/**
 * Ends and removes a side container: a unit of the run that only serves a fault. It is told first, because an agent takes
 * its rules off and hands on what it holds; one that is killed may leave rules in the network of its target.
 */
import { refused } from '../docker-socket.ts'
import type { ContainerHands, UndoOutcome, UndoWay } from './undo.ts'

/** An agent goes within 0.2 s; one that hangs is removed all the same. */
const leaveSeconds = '1'

export const remove: UndoWay<'remove'> = {
  kind: 'remove',
  isComplete: () => true,
  async inContainer({ unit }, { containerOf, ask }) {
    const id = await containerOf(unit)
    if (id === undefined) return 'not needed'
    const told = await ask('POST', `/containers/${id}/stop`, { query: { t: leaveSeconds } })
    const outcome = await removeContainer(ask, id, unit)
    return told.status === 204 ? 'healed' : outcome
  },
  async inProcess({ unit }, { processOf }) {
    const pid = processOf(unit)
    if (pid === undefined) return 'not needed'
    process.kill(-pid, 'SIGKILL')
    return 'healed'
  },
}

/** At once. */
export async function removeContainer(
  ask: ContainerHands['ask'],
  id: string,
  unit: string,
): Promise<UndoOutcome> {
  const answer = await ask('DELETE', `/containers/${id}`, { query: { force: 'true', v: 'true' } })
  // 409: it is going already, because its input has ended with the harness.
  if (answer.status === 204 || answer.status === 409) return 'healed'
  if (answer.status === 404) return 'not needed'
  throw refused(`remove ${unit}`, answer)
}
