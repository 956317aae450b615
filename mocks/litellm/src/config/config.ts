/** A configuration in the units and words of the twin. Defaults are those of LiteLLM 1.101.6 (litellm.md, 3.4). */
import { type Deployment, deploymentOf } from './deployment.ts'
import { type Environment, resolved } from './environment.ts'
import { type Release, type ReleaseName, releaseOf } from './release.ts'
import type { ConfigDocument } from './schema.ts'

/** `[{ "a": ["b"] }]`. */
export type FallbackList = readonly Readonly<Record<string, readonly string[]>>[]

/** What the router goes by. */
export type Routing = {
  readonly numRetries: number
  readonly retryAfterMs: number
  /** Retries by kind of failure, for example `RateLimitErrorRetries`. */
  readonly retryPolicy: Readonly<Record<string, number>> | undefined
  /** Failures until a deployment is left alone; without it LiteLLM goes by shares of failed calls. */
  readonly allowedFails: number | undefined
  readonly allowedFailsPolicy: Readonly<Record<string, number>> | undefined
  readonly cooldownSeconds: number
  readonly isCooldownDisabled: boolean
  readonly fallbacks: FallbackList | undefined
  readonly contextWindowFallbacks: FallbackList | undefined
  readonly contentPolicyFallbacks: FallbackList | undefined
  readonly fallbacksMax: number
}

export type GatewayConfig = {
  readonly deployments: readonly Deployment[]
  readonly routing: Routing
  readonly requestTimeoutMs: number
  readonly masterKey: string | undefined
  /** Readiness names the version. */
  readonly showsReadinessDetails: boolean
  /** What is done with `mock_*` fields of a body, and the version that is told. */
  readonly release: Release
}

const numRetriesDefault = 2
const cooldownSecondsDefault = 5
const fallbacksMaxDefault = 5
/** LiteLLM's own value for `allowed_fails`; it counts as none. */
const allowedFailsUnset = 3
const requestTimeoutSecondsDefault = 6000

/** Reads a checked document. `environment` resolves `os.environ/NAME`. */
export function configOf(
  document: ConfigDocument,
  environment: Environment,
  release: ReleaseName = '1.101',
): GatewayConfig {
  const { model_list: models, general_settings: general = {}, litellm_settings: litellm = {} } = document
  return {
    deployments: models.map((entry) => deploymentOf(entry, environment)),
    routing: routingOf(document),
    requestTimeoutMs: (litellm.request_timeout ?? requestTimeoutSecondsDefault) * 1000,
    masterKey: resolved(general.master_key, environment),
    showsReadinessDetails: general.allow_public_health_readiness_details ?? false,
    release: releaseOf(release, general.dangerously_allow_mock_testing_request_params ?? false),
  }
}

/** Settings of the router win over those of the library. */
function routingOf({
  router_settings: router = {},
  litellm_settings: litellm = {},
}: ConfigDocument): Routing {
  const both = { ...litellm, ...router }
  const byDefault = both.default_fallbacks === undefined ? [] : [{ '*': both.default_fallbacks }]
  const hasFallbacks = both.fallbacks !== undefined || byDefault.length > 0
  return {
    numRetries: both.num_retries ?? numRetriesDefault,
    retryAfterMs: (router.retry_after ?? 0) * 1000,
    retryPolicy: router.retry_policy,
    allowedFails: router.allowed_fails === allowedFailsUnset ? undefined : router.allowed_fails,
    allowedFailsPolicy: router.allowed_fails_policy,
    cooldownSeconds: router.cooldown_time || cooldownSecondsDefault,
    isCooldownDisabled: router.disable_cooldowns ?? false,
    fallbacks: hasFallbacks ? [...(both.fallbacks ?? []), ...byDefault] : undefined,
    contextWindowFallbacks: both.context_window_fallbacks,
    contentPolicyFallbacks: both.content_policy_fallbacks,
    fallbacksMax: router.max_fallbacks ?? fallbacksMaxDefault,
  }
}
