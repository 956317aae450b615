/** One deployment: a place where an alias is answered. Several may share an alias; the router chooses among them. */
import { createHash } from 'node:crypto'
import { type Environment, resolved } from './environment.ts'
import type { DeploymentEntry } from './schema.ts'

/** An answer that the gateway makes itself. */
export type Mock = {
  readonly response: string | readonly number[] | Readonly<Record<string, unknown>>
  readonly toolCalls: readonly unknown[] | undefined
  readonly delayMs: number
  /** Every call waits for its timeout and fails. */
  readonly timesOut: boolean
}

export type Deployment = {
  /** What clients ask for. */
  readonly alias: string
  /** LiteLLM's name for what answers, `openai/<model>`. */
  readonly target: string
  /** 64 hex digits unless the configuration says otherwise, the same on every start. */
  readonly id: string
  /** With `/v1`, without a slash at the end. Without one calls fail like a refused connection. */
  readonly apiBase: string | undefined
  readonly apiKey: string
  readonly mock: Mock | undefined
  /** Shown in listings when the configuration says it. */
  readonly mode: string | undefined
  readonly weight: number
  readonly order: number | undefined
  readonly cooldownSeconds: number | undefined
  readonly allowedFails: number | undefined
  readonly numRetries: number | undefined
  readonly timeoutMs: number | undefined
}

export function deploymentOf(
  { model_name: alias, litellm_params: given, model_info: info = {} }: DeploymentEntry,
  environment: Environment,
): Deployment {
  const apiBase = resolved(given.api_base, environment)?.replace(/\/+$/, '')
  return {
    alias,
    target: given.model,
    id:
      info.id ??
      createHash('sha256')
        .update(JSON.stringify([alias, given]))
        .digest('hex'),
    apiBase,
    apiKey: resolved(given.api_key, environment) ?? '',
    mock: mockOf(given),
    mode: info.mode,
    weight: given.weight ?? 1,
    order: given.order,
    cooldownSeconds: info.cooldown_time ?? given.cooldown_time,
    allowedFails: info.allowed_fails,
    numRetries: given.num_retries,
    timeoutMs: given.timeout === undefined ? undefined : given.timeout * 1000,
  }
}

function mockOf(given: DeploymentEntry['litellm_params']): Mock | undefined {
  if (given.mock_response === undefined) return undefined
  return {
    response: given.mock_response,
    toolCalls: given.mock_tool_calls,
    delayMs: (given.mock_delay ?? 0) * 1000,
    timesOut: given.mock_timeout ?? false,
  }
}

/** Switches of a deployment that LiteLLM always shows and this configuration never sets. */
export const deploymentSwitches = {
  allow_client_keepalive_override: false,
  use_in_pass_through: false,
  use_litellm_proxy: false,
  use_xai_oauth: false,
  merge_reasoning_content_in_choices: false,
} as const

/** Model name on the wire to the upstream: the target without its provider. */
export function upstreamModel({ target }: Deployment): string {
  return target.slice(target.indexOf('/') + 1)
}

/** Where LiteLLM says it would call; without an address, and for a mock, the provider's public one. */
export function shownApiBase({ apiBase }: Deployment): string {
  return apiBase ?? 'https://api.openai.com'
}
