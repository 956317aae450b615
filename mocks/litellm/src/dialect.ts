/** What chat and plain completions do differently on the wire; the flow is in text-route.ts. */
import type { FailureStyle } from './failure.ts'
import type { AnswerKind } from './headers.ts'
import type { MockAnswer } from './mock-answer.ts'
import type { Way } from './model-call.ts'
import type { Body } from './request-json.ts'

export type MockFacts = MockAnswer & {
  readonly id: string
  /** Seconds since the epoch. */
  readonly created: number
  readonly alias: string
  /** Copies of the answer. */
  readonly choices: number
  /** The client asked for usage in the stream. */
  readonly withUsage: boolean
}

export type Chunk = Readonly<Record<string, unknown>>

export type Dialect = Way & {
  readonly path: '/chat/completions' | '/completions'
  readonly style: FailureStyle
  /** A client's wish for a delay is heard. */
  readonly hasDelays: boolean
  /**
   * The upstream of a stream is called only when its first chunk is wanted, after the router has done its work: its
   * failure is neither retried nor answered by a fallback.
   */
  readonly isLate: boolean
  /** The upstream is asked for usage even if the client did not. */
  readonly asksUsage: boolean
  /** @throws ProxyFailure when the request lacks its input. */
  readonly requireInput: (body: Body) => void
  readonly unknownModel: (alias: unknown) => Error
  readonly mockWhole: (facts: MockFacts) => Chunk
  /** Chunks of a mock answer, 3 characters each, the finish reason last but for the usage. */
  readonly mockChunks: (facts: MockFacts) => readonly Chunk[]
  /** A chunk of the upstream as LiteLLM passes it on: the alias as model, no nulls. */
  readonly relabel: (chunk: Chunk, alias: string) => Chunk
  /** The end LiteLLM makes up when the upstream's stream ends without a finish reason. */
  readonly madeUpEnd: (last: Chunk) => Chunk
  /** How much its answers tell in headers. */
  readonly headerKind: (stream: boolean) => AnswerKind
  /** A whole answer of the upstream as LiteLLM passes it on. */
  readonly reshape: (body: Chunk, model: string) => Chunk
  /** How a failure inside a stream is worded. */
  readonly lateText: (failure: LateFailure) => string
}

/** What ended a stream: a broken connection, or an error line that speaks of a rate limit. */
export type LateFailure = { readonly name: 'APIConnectionError' | 'RateLimitError'; readonly cause: string }

/** LiteLLM's fixed figures for mock answers. */
export const mockUsage = { completion_tokens: 20, prompt_tokens: 10, total_tokens: 30 }

/** Splits as Python slices text: by character, not by UTF-16 unit. */
export function threes(text: string): readonly string[] {
  const characters = Array.from(text)
  return Array.from({ length: Math.ceil(characters.length / 3) }, (_, index) =>
    characters.slice(index * 3, index * 3 + 3).join(''),
  )
}

/** The value without null fields, at any depth. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([, field]) => field !== null)
  return Object.fromEntries(kept.map(([name, field]) => [name, withoutNulls(field)]))
}

/** First choice of a chunk, if any. */
export function choiceOf(chunk: Chunk): Chunk | undefined {
  const choices = chunk['choices']
  return Array.isArray(choices) ? (choices[0] as Chunk | undefined) : undefined
}
