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

/** An exception that Python raises here as well: no text for the client, and nothing that the twin must complain of. */
export class PythonError extends Error {
  readonly code = 'python-error'
}

/** Complains about an error that nobody meant. */
export function complain(error: unknown): void {
  if (error instanceof GradioError || error instanceof PythonError) return
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
}

/** The `output` of a failed `process_completed`, and the body of a failed `/run`. */
export const errorPayload = (error: unknown): Record<string, unknown> =>
  error instanceof GradioError
    ? { error: error.message, duration: error.durationSeconds, visible: true, title: 'Error' }
    : { error: null }
