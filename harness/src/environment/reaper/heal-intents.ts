/**
 * Undoes what a client that is gone had in force: of each unit the last fault first, units side by side. Each has a
 * limit of its own, so that one that cannot be undone keeps no other from it.
 */
import { nowMs, sleep } from '../../support/clock.ts'
import { withDeadline } from '../../support/deadline.ts'
import { messageOf } from '../../support/errors.ts'
import { describeUndo } from './undo/catalog.ts'
import type { Undo, UndoOutcome } from './undo/undo.ts'

/** What became of one intent, for the report. */
export type Undone = {
  /** "unpause comfyui" */
  readonly undo: string
  readonly outcome: UndoOutcome | 'failed'
  readonly error?: string
  readonly tookMs: number
}

/** An engine kills and starts in tenths of a second. */
const undoMsMax = 5000
/** A client may have died between asking the engine for a fault and its coming into force. */
const secondLookMs = 100

type CarryOut = (undo: Undo) => Promise<UndoOutcome>

/**
 * @param undos In the order in which they were intended.
 * @param carryOut Does one; throws when it cannot.
 * @returns what became of each, the last first.
 */
export async function healIntents(undos: readonly Undo[], carryOut: CarryOut): Promise<Undone[]> {
  // What was intended twice needs one undoing: a fault that could not be applied leaves its intent open.
  const once = new Map(undos.map((undo) => [JSON.stringify(undo), undo] as const))
  const last = [...once.values()].toReversed()
  const outcomes = new Map<Undo, Undone>()
  await healUnits(last, carryOut, outcomes)
  const early = last.filter((undo) => outcomes.get(undo)?.outcome === 'not needed')
  if (early.length > 0) {
    await sleep(secondLookMs)
    await healUnits(early, carryOut, outcomes)
  }
  return last.flatMap((undo) => outcomes.get(undo) ?? [])
}

async function healUnits(
  last: readonly Undo[],
  carryOut: CarryOut,
  outcomes: Map<Undo, Undone>,
): Promise<void> {
  const units = Map.groupBy(last, ({ unit }) => unit)
  await Promise.all(
    [...units.values()].map(async (ofUnit) => {
      for (const undo of ofUnit) outcomes.set(undo, await healOne(undo, carryOut))
    }),
  )
}

async function healOne(undo: Undo, carryOut: CarryOut): Promise<Undone> {
  const beganAt = nowMs()
  const about = describeUndo(undo)
  const tookMs = (): number => Math.round(nowMs() - beganAt)
  try {
    const outcome = await withDeadline(undoMsMax, about, () => carryOut(undo))
    return { undo: about, outcome, tookMs: tookMs() }
  } catch (error) {
    return { undo: about, outcome: 'failed', error: messageOf(error), tookMs: tookMs() }
  }
}
