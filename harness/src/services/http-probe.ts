/** The transport of every probe: one GET with a short limit, on a connection of its own. */
import { request } from 'undici'
import { messageOf } from '../support/errors.ts'
import type { ProbeResult } from './service.ts'

/** A probe that takes longer has failed; services answer these routes in a few ms. */
const probeMsMax = 2_000

export type HttpProbe = {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Reads the version out of the body. @throws when the body is not what this service says. */
  readonly version: (body: unknown) => string | undefined
}

/** One look at a service by HTTP. Never throws. */
export async function probeHttp(
  baseUrl: string,
  probe: HttpProbe,
  signal: AbortSignal,
): Promise<ProbeResult> {
  try {
    const { statusCode, body } = await request(`${baseUrl}${probe.path}`, {
      headers: { connection: 'close', ...probe.headers },
      signal: AbortSignal.any([signal, AbortSignal.timeout(probeMsMax)]),
    })
    const text = await body.text()
    if (statusCode !== 200) return { ok: false, saw: `HTTP ${statusCode}` }
    const version = probe.version(JSON.parse(text))
    return version === undefined ? { ok: true } : { ok: true, version }
  } catch (error) {
    return { ok: false, saw: messageOf(error) }
  }
}
