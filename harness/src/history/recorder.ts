/**
 * The history of one run while it is being written: appended by the conductor only, streamed to disk as it grows,
 * frozen before any check looks at it.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { nowMs } from '../support/clock.ts'
import type { EventBody, HistoryEvent } from './event.ts'

export type Recorder = {
  /** @param epochMs When it happened; now, if the source has no clock of its own. */
  append(body: EventBody, epochMs?: number): void
  /** Calls the listener for each event from now on. */
  onEvent(listener: (event: HistoryEvent) => void): Disposable
  /** Everything so far, in order of arrival. */
  events(): readonly HistoryEvent[]
  /** Ends the writing. Later events are dropped; returns everything, in order of time. */
  freeze(): readonly HistoryEvent[]
}

/** @param file NDJSON, one event per line, as it arrives. Written at once: a crash loses nothing. */
export function openRecorder(file: string, startedAt: number): Recorder {
  const descriptor = openSync(file, 'w')
  const events: HistoryEvent[] = []
  const listeners = new Set<(event: HistoryEvent) => void>()
  let frozen: readonly HistoryEvent[] | undefined
  return {
    append(body, epochMs = nowMs()) {
      if (frozen) return
      const at = Math.round((epochMs - startedAt) * 1000) / 1000
      const event: HistoryEvent = { ...body, seq: events.length, at }
      events.push(event)
      writeSync(descriptor, `${JSON.stringify(event)}\n`)
      for (const listener of listeners) listener(event)
    },
    onEvent(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    events: () => events,
    freeze() {
      if (frozen) return frozen
      closeSync(descriptor)
      frozen = inOrder(events)
      return frozen
    },
  }
}

/** By time; events of the same instant keep their order of arrival. */
export function inOrder(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  return events.toSorted((a, b) => a.at - b.at || a.seq - b.seq)
}
