/** One fault in force: what it covers, how often it was met, and whether it bites this time. */
import { seededRandom, seedFromText } from '../random.ts'
import type { ArmedFault, Fault } from './fault.ts'

/** What is known of a passage: ids, names, the path. */
export type Facts = Readonly<Record<string, unknown>>

/** A fault with its counters. */
export type Entry = {
  readonly id: string
  readonly fault: Fault
  /** Names of the points it is in force at. */
  readonly covered: ReadonlySet<string>
  readonly healing: AbortController
  readonly random: () => number
  seen: number
  applied: number
}

/** What the twin gives a fault; `number` counts from 1 in each process. */
type EntryOptions = {
  readonly id: string
  readonly number: number
  readonly covered: ReadonlySet<string>
  readonly seed: number
}

/** A fault that was not met yet. Its chance follows from the twin's seed and from its number, not from the whole id. */
export function createEntry(fault: Fault, { id, number, covered, seed }: EntryOptions): Entry {
  const random = seededRandom(seedFromText(`fault/f${number}/${fault.point}`, seed))
  return { id, fault, covered, healing: new AbortController(), random, seen: 0, applied: 0 }
}

/** Counts a passage that matches, and says whether the fault bites. */
export function isHit(entry: Entry, facts: Facts): boolean {
  const { match = {}, nth, every, probability, times } = entry.fault.when ?? {}
  if (!Object.entries(match).every(([key, wanted]) => hasFact(facts[key], wanted))) return false
  entry.seen += 1
  // The draw comes before the other conditions: the n-th passage meets the same chance whatever they say.
  const isDrawn = probability === undefined || entry.random() < probability
  const isTurn =
    (nth === undefined || entry.seen === nth) && (every === undefined || entry.seen % every === 0)
  return isDrawn && isTurn && (times === undefined || entry.applied < times)
}

function hasFact(fact: unknown, wanted: unknown): boolean {
  return Array.isArray(fact) ? fact.includes(wanted) : fact === wanted
}

/** The fault as clients see it. */
export function shown({ id, fault, seen, applied }: Entry): ArmedFault {
  return { id, ...fault, seen, applied }
}
