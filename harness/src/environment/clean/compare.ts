/**
 * Before = after? Only what belongs to the run counts. What others started, ended or changed meanwhile is theirs, and
 * what nobody claims is listed for people to judge: two runs at once must not accuse each other.
 */
import type { Snapshot, Thing } from './thing.ts'

export type CleanReport = {
  /** Nothing of the run is left or changed, and every place that was seen before could be seen again. */
  readonly clean: boolean
  /** Of the run: there now and not before, or not as it was. "container squall-x-comfyui: paused, was running" */
  readonly left: readonly string[]
  /** Changes in the kernel and of images that nothing claims; they do not count. */
  readonly unclaimed: readonly string[]
  /** How many changes others made meanwhile. */
  readonly foreign: number
  /** Places that could be seen before and not afterwards: nothing is known of them. */
  readonly lost: readonly string[]
  /** Places that could not be seen at all on this machine. */
  readonly unseen: readonly string[]
  /** Things looked at, in both snapshots. */
  readonly things: number
  readonly beforeMs: number
  readonly afterMs: number
}

/** Whose a change is: areas in which everything that is anybody's says so. */
const claimed: ReadonlySet<string> = new Set([
  'container',
  'network',
  'volume',
  'process',
  'folder',
  'reservation',
])

export function compareSnapshots(before: Snapshot, after: Snapshot, runId: string): CleanReport {
  const changes = changesBetween(before.things, after.things)
  const isOurs = ({ thing }: Change): boolean => thing.run === runId
  const isUnclaimed = ({ thing }: Change): boolean => thing.run === undefined && !claimed.has(thing.area)
  const left = changes.filter(isOurs).map(({ text }) => text)
  const unclaimed = changes.filter(isUnclaimed).map(({ text }) => text)
  const lost = after.unseen.filter(
    (place) => !before.unseen.some((earlier) => placeOf(earlier) === placeOf(place)),
  )
  return {
    clean: left.length === 0 && lost.length === 0,
    left,
    unclaimed,
    foreign: changes.length - left.length - unclaimed.length,
    lost,
    unseen: before.unseen,
    things: before.things.length + after.things.length,
    beforeMs: Math.round(before.tookMs),
    afterMs: Math.round(after.tookMs),
  }
}

type Change = { readonly thing: Thing; readonly text: string }

function changesBetween(before: readonly Thing[], after: readonly Thing[]): Change[] {
  const was = new Map(before.map((thing) => [keyOf(thing), thing]))
  const is = new Map(after.map((thing) => [keyOf(thing), thing]))
  const gone = before.filter((thing) => !is.has(keyOf(thing)))
  return [
    ...after.flatMap((thing) => {
      const earlier = was.get(keyOf(thing))
      if (earlier === undefined) return [{ thing, text: nameOf(thing) }]
      if (earlier.state === thing.state) return []
      return [{ thing, text: `${nameOf(thing)}: ${thing.state}, was ${earlier.state}` }]
    }),
    ...gone.map((thing) => ({ thing, text: `${nameOf(thing)} is gone` })),
  ]
}

/** "rules: iptables-save is not installed" -> "rules": the reason may read otherwise the second time. */
function placeOf(unseen: string): string {
  return unseen.split(':')[0] ?? ''
}

function keyOf({ area, id }: Thing): string {
  return `${area} ${id}`
}

function nameOf({ area, name }: Thing): string {
  return `${area} ${name}`
}
