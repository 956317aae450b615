/**
 * What the contract needs of a gateway, whichever it is: the twin, or the real LiteLLM in a container. Behind it
 * stands the upstream twin, started with `upstreamFlags`, which the cases break through its fault points.
 */
import { join } from 'node:path'
import type { Program } from './program.ts'

export type Gateway = AsyncDisposable & {
  readonly url: string
  readonly masterKey: string
  /** The upstream and its journal. The last case of the contract kills it. */
  readonly upstream: Program
}

/** Both halves of the contract, with the configuration each runs on. */
export const configFiles = {
  compose: join(import.meta.dirname, '../../../../compose/litellm/config.yaml'),
  routing: join(import.meta.dirname, 'config.yaml'),
} as const

export type ConfigName = keyof typeof configFiles

/** Opens one gateway of a kind with one configuration. */
export type OpenGateway = (config: ConfigName) => Promise<Gateway>

/** Slow enough to hang up in the middle, fast enough for a test. Answers take 100 ms and 50 times 20 ms. */
export const upstreamFlags = ['--first-token-ms', '100', '--token-ms', '20', '--tokens', '50'] as const

export const upstreamMain = join(import.meta.dirname, '../../../openai/src/main.ts')
export const masterKey = 'sk-squall-contract'
