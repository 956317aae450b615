/**
 * What the gateway twin is told, by flags and by a configuration of LiteLLM's shape. The names of the environment
 * variables are those of compose/litellm/config.yaml, so that one environment serves the real proxy and the twin.
 * A flag wins over its variable and over the configuration.
 */
import { type FlagDefinitions, type FlagValues, TwinError } from '@squall/twin-kit'
import { configOf, type GatewayConfig } from './config/config.ts'
import { defaultConfig } from './config/default-config.ts'
import { type ReleaseName, releases } from './config/release.ts'

export const gatewayFlags = {
  config: {
    type: 'string',
    description: "Configuration of the shape of LiteLLM's own; default: that of compose/litellm, built in",
    valueHint: 'config.yaml',
  },
  upstream: {
    type: 'string',
    description: 'Base address of the upstream with /v1; default: SQUALL_UPSTREAM_URL',
    valueHint: 'http://127.0.0.1:8001/v1',
  },
  'master-key': {
    type: 'string',
    description: 'Key of every client; default: LITELLM_MASTER_KEY; without one no key is asked for',
  },
  'request-timeout-ms': {
    type: 'string',
    description:
      'Wait for an upstream answer, or for the next chunk of a stream; wall clock; default: as configured',
  },
  release: {
    type: 'string',
    default: '1.101',
    description: 'How mock_* fields of a request are treated: as 1.83, 1.95 or 1.101 does',
  },
  'max-parallel-requests': {
    type: 'string',
    description: 'Calls at once, as a virtual key may have it; more are refused with 429; default: no limit',
  },
} as const satisfies FlagDefinitions

export type GatewaySettings = {
  readonly config: GatewayConfig
  readonly parallelMax: number | undefined
}

/** @throws TwinError `bad-flag` for an address or a number that is none, or an unusable configuration. */
export async function gatewaySettings(flags: FlagValues, env: NodeJS.ProcessEnv): Promise<GatewaySettings> {
  const upstream = addressOf(textOf(flags['upstream']) ?? textOf(env['SQUALL_UPSTREAM_URL']))
  const masterKey = textOf(flags['master-key']) ?? textOf(env['LITELLM_MASTER_KEY'])
  const variables: NodeJS.ProcessEnv = {
    ...env,
    SQUALL_UPSTREAM_URL: upstream,
    LITELLM_MASTER_KEY: masterKey,
  }
  const document = await documentOf(textOf(flags['config']))
  const config = configOf(document, (name) => textOf(variables[name]), releaseNamed(flags))
  const requestTimeoutMs = numberOf(flags, 'request-timeout-ms')
  return {
    config: {
      ...config,
      ...(textOf(flags['master-key']) !== undefined && { masterKey }),
      ...(requestTimeoutMs !== undefined && { requestTimeoutMs }),
    },
    parallelMax: numberOf(flags, 'max-parallel-requests'),
  }
}

function releaseNamed(flags: FlagValues): ReleaseName {
  const name = textOf(flags['release']) ?? '1.101'
  if (Object.hasOwn(releases, name)) return name as ReleaseName
  const known = Object.keys(releases).join(', ')
  throw new TwinError('bad-flag', `Cannot read the flags: --release is '${name}'; give one of ${known}`)
}

async function documentOf(path: string | undefined) {
  if (path === undefined) return defaultConfig
  const { readConfigFile } = await import('./config/read-config.ts')
  return await readConfigFile(path, (line) => void process.stderr.write(`twin-litellm: ${line}\n`))
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function addressOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (URL.canParse(text) && /^https?:/.test(text)) return text.replace(/\/+$/, '')
  throw new TwinError('bad-flag', `Cannot read the flags: --upstream is '${text}'; give http://host:port/v1`)
}

function numberOf(flags: FlagValues, name: keyof typeof gatewayFlags): number | undefined {
  const text = textOf(flags[name])
  if (text === undefined) return undefined
  const number = Number(text)
  if (Number.isFinite(number) && number > 0) return number
  throw new TwinError('bad-flag', `Cannot read the flags: --${name} is '${text}'; give a number above 0`)
}
