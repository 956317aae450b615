/** What a kind of failure is worth: whether it is tried again, how often, and after which wait. Rules of 1.101.6. */
import type { Routing } from '../config/config.ts'
import type { FailureName, ModelFailure } from './model-failure.ts'

const firstWaitMs = 500
const waitMsMax = 8000
const jitterMsMax = 750
const retryAfterSecondsMax = 60

/** Names under which a policy may list a kind, the most special first; LiteLLM goes up the classes. */
const policyNames: Partial<Readonly<Record<FailureName, readonly string[]>>> = {
  ContextWindowExceededError: ['BadRequestError'],
  ContentPolicyViolationError: ['ContentPolicyViolationError', 'BadRequestError'],
  UnsupportedParamsError: ['BadRequestError'],
  Timeout: ['TimeoutError'],
}

function namesOf({ fields: { name } }: ModelFailure): readonly string[] {
  return policyNames[name] ?? [name]
}

/** 408, 409, 429 and everything from 500. */
export function isRetriedStatus(status: number): boolean {
  return [408, 409, 429].includes(status) || status >= 500
}

/** Retries that a `retry_policy` grants; undefined when it says nothing about this kind. */
export function retriesGranted({ retryPolicy }: Routing, failure: ModelFailure): number | undefined {
  if (retryPolicy === undefined) return undefined
  const granted = namesOf(failure).map((name) => retryPolicy[`${name}Retries`])
  return granted.find((count) => count !== undefined) ?? retryPolicy['DefaultRetries']
}

/** Failures a deployment may have; undefined when neither a policy nor `allowed_fails` says anything. */
export function failuresAllowed(
  { allowedFails, allowedFailsPolicy }: Routing,
  failure: ModelFailure,
): number | undefined {
  const listed = namesOf(failure).map((name) => allowedFailsPolicy?.[`${name}AllowedFails`])
  const unlisted = allowedFailsPolicy === undefined ? allowedFails : (allowedFails ?? 3)
  return listed.find((count) => count !== undefined) ?? unlisted
}

export type Crowd = {
  /** Deployments of the alias that are not cooling down. */
  readonly healthy: number
  readonly all: number
}

/** Whether the router tries the same alias again. */
export function isWorthRetrying(routing: Routing, failure: ModelFailure, { healthy, all }: Crowd): boolean {
  const { name, status } = failure.fields
  if (healthy === 0 || name === 'RouterRateLimitError' || name === 'NotFoundError') return false
  if (name === 'ContextWindowExceededError' && routing.contextWindowFallbacks !== undefined) return false
  if (name === 'ContentPolicyViolationError' && routing.contentPolicyFallbacks !== undefined) return false
  if (status === 401 || status === 403) return all > 1
  return isRetriedStatus(status)
}

export type Wait = { readonly retried: number; readonly random: () => number }

/** Wait before the next try; also kept after the last one, as LiteLLM does. None while a sibling is healthy. */
export function waitMs(
  { retryAfterMs }: Routing,
  failure: ModelFailure,
  { healthy, all, retried, random }: Crowd & Wait,
): number {
  if (all > 1 && healthy > 0) return 0
  const jitterMs = jitterMsMax * random()
  const { retryAfterSeconds = 0 } = failure.fields
  if (retryAfterSeconds > 0 && retryAfterSeconds <= retryAfterSecondsMax) {
    return retryAfterSeconds * 1000 + jitterMs
  }
  return Math.min(Math.max(firstWaitMs * 2 ** retried, retryAfterMs), waitMsMax) + jitterMs
}
