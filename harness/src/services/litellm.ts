/**
 * The LiteLLM gateway: text jobs. The real proxy runs in the docker engine, without a database and without
 * leaving the run's network; its models are answered by `upstream`. Readiness is the one route that needs no key
 * and makes no model call (`/health` calls every model: not a probe).
 */
import { readFileSync } from 'node:fs'
import type { Address } from '../environment/engine.ts'
import type { ProgramContext, ServiceDefinition } from './definition.ts'

/** The same file serves people who bring the stack up by hand. */
const configFile = new URL('../../../compose/litellm/config.yaml', import.meta.url)
const configInside = '/etc/litellm/config.yaml'

export const litellm: ServiceDefinition = {
  id: 'litellm',
  port: 4000,
  twin: 'litellm',
  probe: () => ({
    path: '/health/readiness',
    version: (body) => (body as { litellm_version?: string }).litellm_version,
  }),
  twinProgram: (context) => ({
    args: ['--upstream', upstreamUrl(context)],
    env: { LITELLM_MASTER_KEY: context.litellmKey },
  }),
  realProgram: (context) => ({
    args: ['--config', configInside, '--port', '4000', '--num_workers', '1'],
    env: {
      ...offline,
      LITELLM_MASTER_KEY: context.litellmKey,
      SQUALL_UPSTREAM_URL: upstreamUrl(context),
    },
    files: { [configInside]: readFileSync(configFile, 'utf8') },
  }),
}

/** Keeps the proxy from fetching price maps, headers and posts at start-up (litellm.md 2.1). */
const offline = {
  LITELLM_LOCAL_MODEL_COST_MAP: 'True',
  LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS: 'True',
  LITELLM_LOCAL_BLOG_POSTS: 'True',
  LITELLM_LOCAL_POLICY_TEMPLATES: 'true',
  LITELLM_MODE: 'PRODUCTION',
  LITELLM_LOG: 'ERROR',
  DISABLE_ADMIN_UI: 'True',
} as const

function upstreamUrl(context: ProgramContext): string {
  const address: Address | undefined = context.placements.upstream?.ports.public?.inside
  if (address === undefined) throw new Error('litellm is started without its upstream')
  return `http://${address.host}:${address.port}/v1`
}
