/** Where the twin knowingly differs from the real LiteLLM, each with its reason. The README repeats them for people. */
import type { Difference } from './compare.ts'

type Known = {
  /** Text in the name of the case; default: any case. */
  readonly name?: RegExp
  readonly path: RegExp
  readonly reason: string
}

const known: readonly Known[] = [
  {
    name: /\/health calls every model/,
    path: /unhealthy_endpoints\.\d+\.(error|raw_request_typed_dict)$/,
    reason: 'the twin has no Python stack trace and no raw request to show',
  },
  {
    name: /model info shows/,
    path: /model_info\.supported_openai_params$/,
    reason: 'a list of 31 parameter names that the twin passes on without knowing them',
  },
  {
    name: /that are no number|that is no number/,
    path: /^headers\.x-litellm-call-id$/,
    reason: 'LiteLLM reads these headers before it has made up the call id',
  },
  {
    name: /mock-(object|vector): (embeddings|images)/,
    path: /^body\.error\.message$/,
    reason: 'the real message is several lines of pydantic',
  },
  {
    name: /usage in a mock stream/,
    path: /usage\.(completion|prompt|total)_tokens$/,
    reason: "LiteLLM counts tokens there with its tokenizer; the twin keeps the mock's fixed figures",
  },
]

/** All reasons. Each must be met by the twin, or it explains nothing any more. */
export const reasons = known.map(({ reason }) => reason)

/** The reason why this difference is accepted, if there is one. */
export function reasonFor(name: string, { path }: Difference): string | undefined {
  return known.find((one) => one.path.test(path) && (one.name?.test(name) ?? true))?.reason
}
