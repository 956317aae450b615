/** A protocol fault as plain data: where, when, what. This is what clients of the control port send. */

/** What is done to the thing that passes. Durations are real milliseconds: the time scale does not touch them. */
export type Action =
  /** It is thrown away: no answer, no message, no step. A dropped request or answer leaves the connection open. */
  | { readonly kind: 'drop' }
  /** It waits; what follows on the same connection waits behind it. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** It is sent `times` more; default 1. */
  | { readonly kind: 'duplicate'; readonly times?: number }
  /** The next `by` messages of the connection overtake it; default 1. */
  | { readonly kind: 'reorder'; readonly by?: number }
  /** This status instead. `body` goes out as it is: JSON if it is no text. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
    }
  /** Only the first `afterBytes` of it (default: half), then the connection ends. */
  | { readonly kind: 'cut'; readonly afterBytes?: number }
  /** One byte of it is changed; which one follows from the seed. */
  | { readonly kind: 'corrupt' }
  /** The connection ends in order: FIN, and with `code` a WebSocket close frame before it. */
  | { readonly kind: 'close'; readonly code?: number }
  /** The connection ends with a TCP reset. */
  | { readonly kind: 'reset' }
  /** It waits until the fault is healed, and all that follows on the connection with it. */
  | { readonly kind: 'stall'; readonly afterBytes?: number }
  /** The step fails in the way the point names. */
  | { readonly kind: 'fail'; readonly as: string }
  /** The process ends, by SIGKILL or with `exitCode`. */
  | { readonly kind: 'crash'; readonly exitCode?: number }

/** Which passages are hit. All given conditions must hold; without any, every passage is. */
export type When = {
  /** Facts the passage must have; a fact that is a list must contain the value. Only such passages are counted. */
  readonly match?: Readonly<Record<string, string | number | boolean | null>>
  /** Only the passage with this number, from 1. */
  readonly nth?: number
  /** Every n-th passage. */
  readonly every?: number
  /** Each passage with this chance, 0 to 1, drawn from the twin's seed. */
  readonly probability?: number
  /** At most so many times. Default: no limit. */
  readonly times?: number
}

/** One fault. */
export type Fault = {
  /** Name of a point, or the beginning of several and `*`: `comfyui.ws.*`. */
  readonly point: string
  readonly action: Action
  readonly when?: When
}

/** A fault in force, as the control port shows it. */
export type ArmedFault = Fault & {
  readonly id: string
  /** Passages that matched so far. */
  readonly seen: number
  /** Passages that were harmed so far: 0 means that the fault never bit. */
  readonly applied: number
}

/** Changes nothing of an answer but its body, which the answer to a HEAD request does not have. */
export function isOfBody(action: Action): boolean {
  return action.kind === 'corrupt' || (action.kind === 'stall' && (action.afterBytes ?? 0) > 0)
}
