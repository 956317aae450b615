/** Flags of the real server that change its HTTP answers, under their own names. */
import type { IncomingMessage } from 'node:http'
import { type FlagDefinitions, type FlagValues, TwinError } from '@squall/twin-kit'

/** What they say. */
export type HttpOptions = {
  /** JSON and texts are compressed for clients that take it. */
  readonly compresses: boolean
  /** Value of `Access-Control-Allow-Origin`. With it the Origin rules do not apply. */
  readonly allowedOrigin: string | undefined
  /** Longest request body; beyond it the answer is 413. */
  readonly bodyBytesMax: number
}

export const httpFlags: FlagDefinitions = {
  'enable-compress-response-body': { type: 'boolean', description: 'compress JSON and texts' },
  'enable-cors-header': {
    type: 'string',
    description: 'let web pages of this origin in, * for all; replaces the Origin check',
  },
  'max-upload-size': { type: 'string', description: 'longest request body in MB', default: '100' },
}

/** Reads the flags. Throws TwinError `bad-flag` for a size that is none. */
export function httpOptionsFromFlags(flags: FlagValues): HttpOptions {
  const origin = flags['enable-cors-header']
  const text = String(flags['max-upload-size'] ?? '100').trim()
  const megabytes = text === '' ? Number.NaN : Number(text)
  if (!(megabytes > 0) || !Number.isFinite(megabytes)) {
    throw new TwinError(
      'bad-flag',
      `Cannot read the flags: --max-upload-size is '${text}'; give a number greater than 0`,
    )
  }
  return {
    compresses: flags['enable-compress-response-body'] === true,
    // Without a value the flag means everybody.
    allowedOrigin: origin === undefined ? undefined : String(origin) || '*',
    bodyBytesMax: Math.round(megabytes * 1024 * 1024),
  }
}

/** A request that knows how long its body may be, as aiohttp's do. */
type LimitedRequest = IncomingMessage & { bodyBytesMax?: number }

/** Sets the limit for whoever reads the body. */
export function limitBody(request: LimitedRequest, bytesMax: number): void {
  request.bodyBytesMax = bytesMax
}

/** The limit that was set. */
export function bodyLimit({ bodyBytesMax = 0 }: LimitedRequest): { readonly bytesMax: number } {
  return { bytesMax: bodyBytesMax }
}
