/**
 * The faults of one twin: which are armed, and what they say about each passage. Every applied fault is a journal
 * line, which is the receipt that it bit.
 *
 *   twin code -> decide(point, facts) -> undefined (nearly always), or what to do with this passage
 */
import { randomBytes } from 'node:crypto'
import type { VirtualClock } from '../clock.ts'
import { TwinError } from '../errors.ts'
import type { Journal } from '../journal.ts'
import { createEntry, type Entry, type Facts, isHit, shown } from './entry.ts'
import type { Action, ArmedFault, Fault } from './fault.ts'
import { type PointCatalog, pointsNamed, takes } from './point.ts'

/** A fault that hits this passage. */
export type Applied = {
  readonly action: Action
  /** Aborts when the fault is healed: what waits for it goes on. */
  readonly healed: AbortSignal
  /** Chance of this fault, for example to choose the byte that is corrupted. */
  readonly random: () => number
}

/** How a step went: as usual, left out, or with a failure that the point's `fails` names. */
export type StepOutcome =
  | { readonly kind: 'go' }
  | { readonly kind: 'skip' }
  | { readonly kind: 'fail'; readonly as: string }

/** The faults of one twin. `Point` are the names of its catalog. */
export type Faults<Point extends string = string> = {
  readonly points: PointCatalog
  /**
   * Counts the passage and says what hits it. A crash has happened when this returns.
   * @param isPossible Whether the action can be seen at this passage; for a fault that cannot, there was none. Default: always.
   */
  decide(point: Point, facts?: Facts, isPossible?: (action: Action) => boolean): Applied | undefined
  /** Whether any fault covers the point now. For callers that must prepare before they can decide. */
  covers(point: Point): boolean
  /**
   * Passes a step. A delay ends early if `signal` aborts; a stall does not, because a hung step does not look at
   * interrupts. Rejects with the signal's reason in that case only.
   */
  step(point: Point, facts?: Facts, signal?: AbortSignal): Promise<StepOutcome>
  /** Arms faults that `readFaults` has read. */
  arm(faults: readonly Fault[]): readonly ArmedFault[]
  /** Ends a fault; what it held goes on. False if there is none with this id. */
  heal(id: string): boolean
  healAll(): void
  list(): readonly ArmedFault[]
}

/** More faults than this at once are a mistake of the caller. */
const faultsMax = 1000

const go: StepOutcome = { kind: 'go' }

/** Builds the faults of one twin; none is armed. `crash` ends the twin and may return (in a test process). */
export function createFaults(options: {
  readonly points: PointCatalog
  readonly seed: number
  readonly journal: Journal
  readonly clock: VirtualClock
  readonly crash: (exitCode?: number) => void
}): Faults {
  const { points, seed, journal, clock, crash } = options
  const armed = new Map<string, Entry>()
  // Numbers begin anew with each process: without its part, a heal could end another fault after a restart.
  const life = randomBytes(3).toString('hex')
  let armedSoFar = 0
  const arm = (fault: Fault): ArmedFault => {
    armedSoFar += 1
    const id = `f${armedSoFar}-${life}`
    const covered = pointsNamed(fault.point, points).filter((name) => takes(points, name, fault.action.kind))
    const entry = createEntry(fault, { id, number: armedSoFar, covered: new Set(covered), seed })
    armed.set(id, entry)
    journal('fault-armed', { faultId: id, ...fault })
    return shown(entry)
  }
  const heal = (id: string): boolean => {
    const entry = armed.get(id)
    if (entry === undefined) return false
    armed.delete(id)
    journal('fault-healed', { faultId: id, seen: entry.seen, applied: entry.applied })
    entry.healing.abort(new Error('healed'))
    return true
  }
  const decide: Faults['decide'] = (point, facts = {}, isPossible = () => true) => {
    if (armed.size === 0) return undefined
    // All count the passage, so that "the third" means the same whatever else is armed; the first one bites.
    const [hit] = [...armed.values()].filter(
      (entry) => entry.covered.has(point) && isPossible(entry.fault.action) && isHit(entry, facts),
    )
    if (hit === undefined) return undefined
    hit.applied += 1
    const { action } = hit.fault
    journal('fault-applied', { faultId: hit.id, point, action: action.kind, count: hit.applied, facts })
    if (action.kind === 'crash') crash(action.exitCode)
    return {
      action: action.kind === 'crash' ? { kind: 'drop' } : action,
      healed: hit.healing.signal,
      random: hit.random,
    }
  }
  return {
    points,
    decide,
    covers: (point) => armed.size > 0 && [...armed.values()].some(({ covered }) => covered.has(point)),
    step: async (point, facts, signal) => passStep(decide(point, facts), clock, signal),
    arm: (faults) => {
      if (armed.size + faults.length > faultsMax) {
        throw new TwinError(
          'bad-fault',
          `Cannot arm the faults: more than ${faultsMax} at once; heal some first`,
        )
      }
      return faults.map(arm)
    },
    heal,
    healAll: () => {
      for (const id of [...armed.keys()].toReversed()) heal(id)
    },
    list: () => [...armed.values()].map(shown),
  }
}

async function passStep(
  hit: Applied | undefined,
  clock: VirtualClock,
  signal: AbortSignal | undefined,
): Promise<StepOutcome> {
  if (hit === undefined) return go
  const { action, healed } = hit
  if (action.kind === 'fail') return { kind: 'fail', as: action.as }
  if (action.kind === 'drop') return { kind: 'skip' }
  if (action.kind === 'delay') await clock.waitReal(action.ms, signal, healed)
  if (action.kind === 'stall') await aborted(healed)
  return go
}

/** Resolves when one of the signals aborts. */
export function aborted(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const signal = AbortSignal.any([...signals])
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
