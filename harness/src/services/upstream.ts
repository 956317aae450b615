/** The OpenAI-shaped server behind the gateway: it answers for the models, so that LiteLLM makes real calls. */
import type { ServiceDefinition } from './definition.ts'

export const upstream: ServiceDefinition = {
  id: 'upstream',
  port: 8001,
  twin: 'openai',
  probe: () => ({ path: '/v1/models', version: () => undefined }),
  twinProgram: () => ({ args: [], env: {} }),
  realProgram: () => ({ args: [], env: {} }),
}
