/**
 * Removes whatever carries given labels, and looks again until nothing is left: a container may be busy, a network
 * may still have an end point, and an engine may finish a creation that was under way when its client died.
 * Images are never touched.
 */
import { nowMs, sleep } from '../../support/clock.ts'
import { messageOf } from '../../support/errors.ts'
import { type DockerObject, type DockerObjects, objectKinds } from './docker-object.ts'

export type RemovalOptions = {
  readonly objects: DockerObjects
  /** Each filter is a set of labels that must all match; a thing goes when one filter matches. */
  readonly filters: readonly (readonly string[])[]
  /** Things that stay although they match: the reaper itself. */
  readonly spare: (object: DockerObject) => boolean
  /** Limit for all rounds together, ms. */
  readonly budgetMs: number
}

export type Removal = {
  readonly removed: readonly DockerObject[]
  /** What is still there at the end of the budget, and why. Empty when all is well. */
  readonly left: readonly DockerObject[]
  readonly lastError?: string
}

const pauseMs = 100
/** One empty look may come just before an engine finishes a creation; the second one comes later. */
const emptyLooksNeeded = 2

export async function removeLabelled(options: RemovalOptions): Promise<Removal> {
  const endsAt = nowMs() + options.budgetMs
  const removed = new Map<string, DockerObject>()
  let emptyLooks = 0
  for (;;) {
    const round = await removeOnce(options)
    for (const object of round.removed) removed.set(object.id, object)
    emptyLooks = round.found.length === 0 && round.errors.length === 0 ? emptyLooks + 1 : 0
    if (emptyLooks === emptyLooksNeeded) return { removed: [...removed.values()], left: [] }
    if (nowMs() > endsAt && emptyLooks === 0) {
      const left = round.found.filter((object) => !round.removed.includes(object))
      const lastError = round.errors.at(-1)
      return { removed: [...removed.values()], left, ...(lastError !== undefined && { lastError }) }
    }
    await sleep(pauseMs)
  }
}

/** One round: containers first, because networks and volumes cannot go while they are used. */
async function removeOnce(
  options: RemovalOptions,
): Promise<{ found: DockerObject[]; removed: DockerObject[]; errors: string[] }> {
  const found: DockerObject[] = []
  const removed: DockerObject[] = []
  const errors: string[] = []
  for (const kind of objectKinds) {
    const listed = await Promise.all(
      options.filters.map((labels) =>
        options.objects.list(kind, labels).catch((error: unknown) => {
          errors.push(messageOf(error))
          return []
        }),
      ),
    )
    const unique = new Map(listed.flat().map((object) => [object.id, object]))
    const ours = [...unique.values()].filter((object) => !options.spare(object))
    found.push(...ours)
    const remove = async (object: DockerObject): Promise<void> => {
      await options.objects.remove(object)
      removed.push(object)
    }
    const outcomes = await Promise.allSettled(ours.map(remove))
    for (const outcome of outcomes) if (outcome.status === 'rejected') errors.push(messageOf(outcome.reason))
  }
  return { found, removed, errors }
}
