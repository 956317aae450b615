/** What was seen on a link, counted where it happened. */

/** Of one harm, while it was in force. */
export type HarmCounts = {
  /** Connections that were struck. */
  connections: number
  /** Bytes that passed on them, in the directions that were meant. */
  upBytes: number
  downBytes: number
  /** Writes that waited, for a delay, a rate or the gap between slices. */
  delayed: number
  /** Writes that were smaller than what had arrived together. */
  sliced: number
  /** Directions of connections in which something was there and did not pass. */
  stalled: number
  slowClosed: number
  cut: number
  reset: number
  refused: number
  /** The latest write, after it was due. The clock of a process is exact to a ms, and later when it is busy. */
  lateMsMax: number
}

/** Of the link, since it was opened. */
export type LinkCounts = {
  connections: number
  /** Of them, those the service did not accept; their clients were reset. */
  unreachable: number
  upBytes: number
  downBytes: number
}

export function noHarmCounts(): HarmCounts {
  return {
    ...{ connections: 0, upBytes: 0, downBytes: 0, delayed: 0, sliced: 0, stalled: 0 },
    ...{ slowClosed: 0, cut: 0, reset: 0, refused: 0, lateMsMax: 0 },
  }
}
