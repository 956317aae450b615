/**
 * What the contract needs of a gateway, whichever it is: the twin, or the real LiteLLM in a container with
 * compose/litellm/config.yaml. Behind it stands the upstream twin, started with `upstreamFlags`.
 */
import OpenAI from 'openai'
import type { Program } from './program.ts'

export type Gateway = AsyncDisposable & {
  readonly url: string
  readonly masterKey: string
  /** The upstream and its journal. The last case of the contract kills it. */
  readonly upstream: Program
}

/** Slow enough to hang up in the middle, fast enough for a test. Answers take 100 ms and 50 times 20 ms. */
export const upstreamFlags = ['--first-token-ms', '100', '--token-ms', '20', '--tokens', '50'] as const

export function openAiClient({ url, masterKey }: Gateway): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: masterKey, maxRetries: 0 })
}

export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string }

/** One request with the master key, as plain HTTP. */
export async function ask(gateway: Gateway, path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${gateway.masterKey}`)
  const response = await fetch(gateway.url + path, { ...init, headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

export async function post(
  gateway: Gateway,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const all = { 'content-type': 'application/json', ...headers }
  return await ask(gateway, path, { method: 'POST', body: text, headers: all })
}

export const question = [{ role: 'user' as const, content: 'What is a squall?' }]
