/**
 * Asks whether a registry answers at all, before the engine is told to pull: an engine behind a firewall that
 * drops packets waits for minutes. The engine may go another way than this process (its own proxy), so a good
 * answer is only a reason to try; a failed pull must still fall through.
 */
import { EnvHttpProxyAgent, request } from 'undici'
import { withDeadline } from '../../support/deadline.ts'
import type { ImageOptions } from './image.ts'

/** Limit for the whole look, name resolution included. A registry that is slower is as good as none. */
const probeMsMax = 2_000

/** Host of the registry API that holds an image: Docker Hub unless the reference starts with a host. */
export function registryHost(reference: string): string {
  const first = reference.split('/', 1)[0] ?? ''
  const isHost = reference.includes('/') && (/[.:]/.test(first) || first === 'localhost')
  return isHost ? first : 'registry-1.docker.io'
}

/**
 * True when the registry of the image answers its API's base route as a registry does: 200, or 401 with a way to
 * log in (OCI distribution spec, "end-1"). A proxy that forbids or a captive page is not an answer. Never throws.
 */
export async function registryAnswers(
  reference: string,
  options: { readonly env: ImageOptions['env']; readonly budgetMs?: number },
): Promise<boolean> {
  const host = registryHost(reference)
  // As the engine does: a registry on loopback may speak plain HTTP.
  const scheme = /^(localhost|127\.\d+\.\d+\.\d+)(:|$)/.test(host) ? 'http' : 'https'
  const dispatcher = new EnvHttpProxyAgent(proxyOptions(options.env))
  try {
    return await withDeadline(options.budgetMs ?? probeMsMax, `reach ${host}`, async (signal) => {
      const response = await request(`${scheme}://${host}/v2/`, { dispatcher, signal })
      response.body.on('error', () => undefined)
      return response.statusCode === 200 || response.statusCode === 401
    })
  } catch {
    return false
  } finally {
    await dispatcher.destroy()
  }
}

function proxyOptions(env: ImageOptions['env']): EnvHttpProxyAgent.Options {
  const httpProxy = env.http_proxy ?? env.HTTP_PROXY
  const httpsProxy = env.https_proxy ?? env.HTTPS_PROXY
  return {
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    noProxy: env.no_proxy ?? env.NO_PROXY ?? '',
  }
}
