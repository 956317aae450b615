/**
 * What a Python handler is to Gradio: a name, parameter names, and either one answer (plain) or a row of answers
 * (generator). The queue runs it; the functions themselves live in `generate-chain/`.
 */
import type { Session } from '../session.ts'

/** One entry of `progress_data` (wire names, see 6.4 of the Gradio 5.29 protocol). */
export type ProgressUnit = {
  readonly index: number | null
  readonly length: number | null
  readonly unit: string
  readonly progress: number | null
  readonly desc: string
}

/** Everything a handler gets for one call. */
export type FunctionCall = {
  /** `event_id` of the call; empty for a call outside the queue. */
  readonly eventId: string
  readonly session: Session
  /** One value for each input of the dependency; states are `null`. */
  readonly values: readonly unknown[]
  /** Component that the user touched (`trigger_id`); none for a call that names none. */
  readonly triggerId: number | undefined
  /** Public root of the server as this client sees it, for example `http://127.0.0.1:7860`. */
  readonly root: string
  /** Fires when the event was cancelled: the handler is given up, nobody waits for it. */
  readonly signal: AbortSignal
  readonly progress: (unit: ProgressUnit) => void
  /** `gr.Info`: a toast in the browser, a `log` message on the wire. */
  readonly info: (text: string) => void
  /** `gr.Warning`. */
  readonly warning: (text: string) => void
}

/** Output values, one for each output component of the dependency. */
export type Outputs = readonly unknown[]

type Common = {
  /** Python `__name__`; the base of the API name. */
  readonly name: string
  /** Names of the Python parameters, `*args` left out. `/info` shows them. */
  readonly parameters: readonly string[]
}

/** A handler that returns once. */
export type PlainFunction = Common & {
  readonly kind: 'plain'
  readonly run: (call: FunctionCall) => Outputs | Promise<Outputs>
}

/** A handler that yields; each yield is a `process_generating` message. */
export type GeneratorFunction = Common & {
  readonly kind: 'generator'
  readonly run: (call: FunctionCall) => AsyncGenerator<Outputs, void, void>
}

/** Any handler. One object is one concurrency id: two dependencies with the same object share one slot. */
export type GradioFunction = PlainFunction | GeneratorFunction

/** A property update, which is also how Gradio says "no change". */
export const update = (properties: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  ...properties,
  __type__: 'update',
})
