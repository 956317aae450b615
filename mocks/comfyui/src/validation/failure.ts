/** Shapes of validation failures, exactly as `POST /prompt` returns them (golden 05). */

/** One error on one node. */
export type InputError = {
  readonly type: string
  readonly message: string
  readonly details: string
  readonly extra_info: Readonly<Record<string, unknown>>
}

/** All errors of one node and the outputs that cannot run because of them. */
export type NodeErrors = {
  readonly errors: readonly InputError[]
  readonly dependent_outputs: string[]
  readonly class_type: string
}

/** The `error` member of a 400 answer. */
export type PromptError = {
  readonly type: string
  readonly message: string
  readonly details: string
  readonly extra_info: Readonly<Record<string, unknown>>
}

/** A promise that a 400 answer carries this error and no node errors. */
export function promptError(
  type: string,
  message: string,
  details = '',
  extraInfo: Readonly<Record<string, unknown>> = {},
): PromptError {
  return { type, message, details, extra_info: extraInfo }
}
