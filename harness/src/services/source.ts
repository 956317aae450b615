/** Decides what stands behind a service: the topology says, `auto` asks the environment, the engine has a default. */
import type { EngineKind } from '../environment/engine.ts'
import type { ServiceSource } from '../spec/topology.ts'
import { SquallError } from '../support/errors.ts'
import type { ServiceId } from './service.ts'

export type ResolvedSource =
  | { readonly kind: 'twin' }
  | { readonly kind: 'image'; readonly reference: string }
  /** The real LiteLLM, from wherever the machine can get it. */
  | { readonly kind: 'litellm-image' }
  | { readonly kind: 'url'; readonly url: string }

/**
 * @param source As the topology says it.
 * @param env `SQUALL_<SERVICE>_URL` and `SQUALL_<SERVICE>_IMAGE` replace `auto`.
 * @throws SquallError `service-unavailable` for an image on the process engine, and for a malformed URL.
 */
export function resolveSource(
  id: ServiceId,
  source: ServiceSource,
  engine: EngineKind,
  env: Readonly<Record<string, string | undefined>>,
): ResolvedSource {
  if (source === 'twin') return { kind: 'twin' }
  if (source !== 'auto')
    return checkEngine(id, engine, 'url' in source ? asUrl(id, source.url) : asImage(source.image))
  const prefix = `SQUALL_${id.toUpperCase()}`
  const url = env[`${prefix}_URL`]
  if (url) return asUrl(`${prefix}_URL`, url)
  const image = env[`${prefix}_IMAGE`]
  if (image && id !== 'litellm') return checkEngine(id, engine, asImage(image))
  return id === 'litellm' && engine === 'docker' ? { kind: 'litellm-image' } : { kind: 'twin' }
}

function asUrl(name: string, text: string): ResolvedSource {
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw new SquallError(
      'service-unavailable',
      `Cannot use ${name}: "${text}" is not an http(s) address; correct it`,
    )
  }
  return { kind: 'url', url: text.replace(/\/+$/, '') }
}

function asImage(reference: string): ResolvedSource {
  return { kind: 'image', reference }
}

function checkEngine(id: ServiceId, engine: EngineKind, source: ResolvedSource): ResolvedSource {
  if (source.kind === 'image' && engine === 'process') {
    throw new SquallError(
      'service-unavailable',
      `Cannot run ${id} from image ${source.reference}: the process engine has no containers; use the docker engine or a url`,
    )
  }
  return source
}
