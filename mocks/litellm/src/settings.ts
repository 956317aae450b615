/**
 * What the gateway twin is told. The names of the environment variables are those of compose/litellm/config.yaml,
 * so that one environment serves the real proxy and the twin. A flag wins over its variable.
 */
import { type FlagDefinitions, type FlagValues, TwinError } from '@squall/twin-kit'

export const gatewayFlags = {
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
    default: '30000',
    description: 'Wait for an upstream answer, or for the next chunk of a stream; wall clock',
  },
} as const satisfies FlagDefinitions

export type GatewaySettings = {
  /** With `/v1`, without a slash at the end. Absent: models behind the upstream fail like a refused connection. */
  readonly upstreamUrl: string | undefined
  readonly masterKey: string | undefined
  readonly requestTimeoutMs: number
}

/** @throws TwinError `bad-flag` for an address or a number that is none. */
export function gatewaySettings(flags: FlagValues, env: NodeJS.ProcessEnv): GatewaySettings {
  return {
    upstreamUrl: addressOf(textOf(flags['upstream']) ?? textOf(env['SQUALL_UPSTREAM_URL'])),
    masterKey: textOf(flags['master-key']) ?? textOf(env['LITELLM_MASTER_KEY']),
    requestTimeoutMs: millisecondsOf(textOf(flags['request-timeout-ms']) ?? '30000'),
  }
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function addressOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (URL.canParse(text) && /^https?:/.test(text)) return text.replace(/\/+$/, '')
  throw new TwinError('bad-flag', `Cannot read the flags: --upstream is '${text}'; give http://host:port/v1`)
}

function millisecondsOf(text: string): number {
  const ms = Number(text)
  if (Number.isFinite(ms) && ms > 0) return ms
  const state = `--request-timeout-ms is '${text}'`
  throw new TwinError('bad-flag', `Cannot read the flags: ${state}; give a number above 0`)
}
