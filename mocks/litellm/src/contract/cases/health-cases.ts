/** Health routes and listings. */
import { withoutNulls } from '../../dialect.ts'
import { casesOn } from '../contract-case.ts'

const path = '/health/readiness'

export const healthCases = [
  ...casesOn('compose', {
    'liveliness is a JSON string, without a key': ({ ask }) => ask('/health/liveliness', { keyless: true }),
    'liveness is the same': ({ ask }) => ask('/health/liveness', { keyless: true }),
    'readiness is healthy without a database': ({ ask }) => ask(path, { keyless: true }),
    'OPTIONS of a health route tells the methods': ({ ask }) =>
      ask(path, { method: 'OPTIONS', keyless: true }),
    '/health asks for the key': ({ ask }) => ask('/health', { keyless: true }),
    '/health calls every model and counts': ({ ask }) => ask('/health'),
    'models, with /v1': ({ ask }) => ask('/v1/models'),
    'models, without': ({ ask }) => ask('/models'),
    'one model': ({ ask }) => ask('/v1/models/squall-mock'),
    'one embedding model': ({ ask }) => ask('/v1/models/squall-embed'),
    'an unknown model is a detail': ({ ask }) => ask('/v1/models/nope'),
    'model info shows targets and no credentials': async ({ ask }) => {
      const { status, headers, body } = await ask('/v1/model/info')
      return { status, headers, body: withoutNulls(body) }
    },
    'model info of an unknown id': ({ ask }) => ask('/model/info?litellm_model_id=nope'),
  }),
  ...casesOn('routing', {
    'readiness without details': ({ ask }) => ask(path, { keyless: true }),
    'health of one alias': ({ ask }) => ask('/health?model=mock-text'),
    'health of one target': ({ ask }) => ask('/health?model=openai/squall-embed-1'),
    'health of no model is a 503': ({ ask }) => ask('/health?model=nope'),
    'health of an unknown id is a 404': ({ ask }) => ask('/health?model_id=nope'),
    'an alias with two deployments is listed once': ({ ask }) => ask('/v1/models'),
  }),
]
