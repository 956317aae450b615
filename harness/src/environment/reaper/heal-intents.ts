/**
 * Undoes what a client that is gone had in force: the last fault first, each with a limit of its own, so that one that
 * cannot be undone keeps no other from it.
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

/** @param undos In the order in which they were intended. @param carryOut Does one; throws when it cannot. */
export async function healIntents(
  undos: readonly Undo[],
  carryOut: (undo: Undo) => Promise<UndoOutcome>,
): Promise<Undone[]> {
  const results: Undone[] = []
  for (const undo of undos.toReversed()) results.push(await healOne(undo, carryOut))
  const early = undos.toReversed().filter((_undo, index) => results[index]?.outcome === 'not needed')
  if (early.length === 0) return results
  await sleep(secondLookMs)
  for (const undo of early) {
    const again = await healOne(undo, carryOut)
    if (again.outcome !== 'not needed') results[results.findIndex((one) => one.undo === again.undo)] = again
  }
  return results
}

async function healOne(undo: Undo, carryOut: (undo: Undo) => Promise<UndoOutcome>): Promise<Undone> {
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
