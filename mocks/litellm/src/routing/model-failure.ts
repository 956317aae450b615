/**
 * A call of a model that failed, as LiteLLM's exceptions are: the router adds to their text while it goes from
 * retry to fallback, so the text grows. What finally reaches the client is `said`; what one failure quotes of
 * another also tells the retries.
 */
import type { OutgoingHttpHeaders } from 'node:http'
import type { Deployment } from '../config/deployment.ts'

/** LiteLLM's name of the exception. */
export type FailureName =
  | 'APIConnectionError'
  | 'APIError'
  | 'AuthenticationError'
  | 'BadGatewayError'
  | 'BadRequestError'
  | 'ContentPolicyViolationError'
  | 'ContextWindowExceededError'
  | 'InternalServerError'
  | 'NotFoundError'
  | 'RateLimitError'
  | 'RouterRateLimitError'
  | 'ServiceUnavailableError'
  | 'Timeout'
  | 'UnsupportedParamsError'

export type ModelFailureFields = {
  readonly name: FailureName
  readonly status: number
  readonly said: string
  /** As chat and embeddings show it. */
  readonly type: string
  readonly param?: string | null
  /** The upstream's `retry-after`, in seconds. */
  readonly retryAfterSeconds?: number | undefined
  readonly headers?: OutgoingHttpHeaders
  /** A timeout of a deployment repeats the settings that led to it; only chat shows it. */
  readonly detail?: string
}

export class ModelFailure extends Error {
  readonly fields: ModelFailureFields
  /** Grows. */
  said: string
  /** Where it happened, once the router has chosen a deployment. */
  deployment: Deployment | undefined
  /** Retries that were made. */
  retries: number | undefined
  /** Known only once all of them were made. */
  retriesMax: number | undefined

  constructor(fields: ModelFailureFields) {
    super(fields.said)
    this.name = fields.name
    this.fields = fields
    this.said = fields.said
  }

  /** Adds to the text. The router's own refusal stays as it is. */
  add(text: string): void {
    if (this.fields.name !== 'RouterRateLimitError') this.said += text
  }

  /** The text as another failure quotes it. */
  quoted(): string {
    const { retries, retriesMax } = this
    const made = retries === undefined ? '' : ` LiteLLM Retried: ${retries} times`
    return this.said + made + (retriesMax === undefined ? '' : `, LiteLLM Max Retries: ${retriesMax}`)
  }
}
