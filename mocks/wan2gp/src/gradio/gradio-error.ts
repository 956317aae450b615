/**
 * `gr.Error`: the only kind of exception whose text reaches a client, because Wan2GP runs with `show_error` off.
 * Any other exception becomes `{"error":null}` on the wire and a line on stderr.
 */

/** An error that the user is meant to read. `durationSeconds` 0 means that the toast stays (Wan2GP's choice). */
export class GradioError extends Error {
  readonly code = 'gradio-error'
  readonly durationSeconds: number

  constructor(message: string, durationSeconds = 10) {
    super(message)
    this.durationSeconds = durationSeconds
  }
}

/** The `output` of a failed `process_completed`, and the body of a failed `/run`. */
export const errorPayload = (error: unknown): Record<string, unknown> =>
  error instanceof GradioError
    ? { error: error.message, duration: error.durationSeconds, visible: true, title: 'Error' }
    : { error: null }
