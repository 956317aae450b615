/**
 * The part of LiteLLM's `config.yaml` that the twin honours, one table per section. Values of the wrong kind are
 * refused before anything starts; keys that are not here are named in one line at the start.
 */
import * as v from 'valibot'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const seconds = v.pipe(v.number(), v.minValue(0))
const text = v.pipe(v.string(), v.minLength(1))
const optional = v.exactOptional

/** `[{ "a": ["b", "c"] }]`: what to ask when `a` fails. */
const fallbackList = v.array(v.record(v.string(), v.array(v.string())))

const deploymentParameters = v.looseObject({
  model: v.pipe(
    text,
    v.startsWith('openai/', 'is no `openai/<model>`; the twin speaks to OpenAI-shaped upstreams only'),
  ),
  api_base: optional(text),
  api_key: optional(text),
  mock_response: optional(v.union([v.string(), v.array(v.number()), v.record(v.string(), v.unknown())])),
  mock_tool_calls: optional(v.array(v.unknown())),
  mock_delay: optional(seconds),
  mock_timeout: optional(v.boolean()),
  timeout: optional(seconds),
  num_retries: optional(count),
  cooldown_time: optional(seconds),
  weight: optional(v.pipe(v.number(), v.minValue(0))),
  order: optional(v.number()),
})

const deploymentInfo = v.looseObject({
  id: optional(text),
  mode: optional(text),
  cooldown_time: optional(seconds),
  allowed_fails: optional(count),
})

const deployment = v.looseObject({
  model_name: text,
  litellm_params: deploymentParameters,
  model_info: optional(deploymentInfo),
})

const fallbackSettings = {
  fallbacks: optional(fallbackList),
  context_window_fallbacks: optional(fallbackList),
  content_policy_fallbacks: optional(fallbackList),
  default_fallbacks: optional(v.array(v.string())),
}

const litellmSettings = v.looseObject({
  ...fallbackSettings,
  num_retries: optional(count),
  request_timeout: optional(seconds),
  // Nothing here has a tokenizer.
  disable_hf_tokenizer_download: optional(v.boolean()),
})

const routerSettings = v.looseObject({
  ...fallbackSettings,
  routing_strategy: optional(
    v.literal('simple-shuffle', "is not 'simple-shuffle', the only one of the twin"),
  ),
  num_retries: optional(count),
  retry_after: optional(seconds),
  retry_policy: optional(v.record(v.string(), count)),
  allowed_fails: optional(count),
  allowed_fails_policy: optional(v.record(v.string(), count)),
  cooldown_time: optional(seconds),
  disable_cooldowns: optional(v.boolean()),
  max_fallbacks: optional(count),
})

const generalSettings = v.looseObject({
  master_key: optional(text),
  allow_public_health_readiness_details: optional(v.boolean()),
  dangerously_allow_mock_testing_request_params: optional(v.boolean()),
})

const document = v.looseObject({
  model_list: v.pipe(v.array(deployment), v.minLength(1, 'has no model')),
  litellm_settings: optional(litellmSettings),
  router_settings: optional(routerSettings),
  general_settings: optional(generalSettings),
})

/** The document as far as the twin honours it. */
export type ConfigDocument = v.InferOutput<typeof document>
export type DeploymentEntry = ConfigDocument['model_list'][number]

/** What is wrong with a document, and where. */
export class Wrong {
  readonly says: string

  constructor(says: string) {
    this.says = says
  }
}

/** Checks what was read from YAML. Returns the document, or where it is wrong. */
export function checkDocument(value: unknown): ConfigDocument | Wrong {
  const result = v.safeParse(document, value)
  if (result.success) return result.output
  const [issue] = result.issues
  return new Wrong(`${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`)
}

/** Keys the twin would ignore, as paths. */
export function unhonouredKeys(given: ConfigDocument): readonly string[] {
  const entries = given.model_list
  const sections = [
    ['', given, document],
    ['model_list[].', merged(entries), deployment],
    ['litellm_params.', merged(entries.map((entry) => entry.litellm_params)), deploymentParameters],
    ['model_info.', merged(entries.map((entry) => entry.model_info ?? {})), deploymentInfo],
    ['litellm_settings.', given.litellm_settings ?? {}, litellmSettings],
    ['router_settings.', given.router_settings ?? {}, routerSettings],
    ['general_settings.', given.general_settings ?? {}, generalSettings],
  ] as const
  return sections.flatMap(([prefix, value, { entries: known }]) =>
    Object.keys(value).flatMap((key) => (key in known ? [] : [prefix + key])),
  )
}

function merged(parts: readonly object[]): object {
  return Object.assign({}, ...parts) as object
}
