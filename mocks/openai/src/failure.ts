/**
 * OpenAI's error envelope, `{"error":{"message","type","param","code"}}`, and the one place that turns a thrown
 * failure into it. Shapes follow the public API; a gateway in front maps them by `code` and status.
 */
import type { OutgoingHttpHeaders } from 'node:http'
import { BodyTooLarge, type Call, sendJson } from '@squall/twin-kit'

export type FailureFields = {
  readonly status: number
  readonly message: string
  readonly type?: string
  readonly param?: string
  readonly code?: string
  /** Headers that go with the refusal. */
  readonly headers?: OutgoingHttpHeaders
}

/** A request this API refuses; `fields` become status and envelope. */
export class ApiFailure extends Error {
  readonly fields: FailureFields

  constructor(fields: FailureFields) {
    super(fields.message)
    this.name = 'ApiFailure'
    this.fields = fields
  }
}

/** Wraps a route: failures become envelopes; what fails after the headers, and is no refusal, cuts the connection. */
export function answering(handle: (call: Call) => void | Promise<void>): (call: Call) => Promise<void> {
  return async (call) => {
    try {
      await handle(call)
    } catch (error) {
      sendFailure(call, fieldsOf(error))
    }
  }
}

function fieldsOf(error: unknown): FailureFields {
  if (error instanceof ApiFailure) return error.fields
  if (error instanceof BodyTooLarge) return { status: 413, message: 'The request body is too large.' }
  return { status: 500, message: String(error), type: 'server_error' }
}

function sendFailure({ response }: Call, fields: FailureFields): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  sendJson(response, fields.status, envelope(fields), fields.headers)
}

/** The JSON of a failure: a body, or one event of a stream that has begun. */
export function envelope(fields: FailureFields): object {
  const { message, type = 'invalid_request_error', param = null, code = null } = fields
  return { error: { message, type, param, code } }
}
