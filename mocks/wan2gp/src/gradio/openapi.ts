/** `GET /gradio_api/openapi.json`: the endpoints as OpenAPI 3.0.2 of `/run/*`. Shape measured on Gradio 5.29.0. */
import type { Dependency } from './dependency.ts'
import { type Described, gradioVersion, parametersOf, returnsOf } from './info.ts'

/** The document. It describes the body as an object by parameter name, which no route takes: Gradio says so. */
export function openapiBody(dependencies: readonly Dependency[]): Record<string, unknown> {
  const paths = dependencies.map((dependency) => [
    `/run/${dependency.apiName}`,
    { post: operationOf(dependency) },
  ])
  return {
    openapi: '3.0.2',
    info: { title: 'WanGP', description: '', version: gradioVersion },
    paths: Object.fromEntries(paths) as unknown,
    components: { schemas: {} },
  }
}

function operationOf(dependency: Dependency): Record<string, unknown> {
  const { apiName } = dependency
  const schema = objectOf(parametersOf(dependency).map((each) => [each.parameter_name ?? '', each]))
  const outputs = returnsOf(dependency).map((each, index): [string, Described] => [
    index === 0 ? 'output' : `output_${index}`,
    each,
  ])
  return {
    summary: `Endpoint /${apiName}`,
    description: '',
    operationId: apiName,
    requestBody: { required: true, content: { 'application/json': { schema } } },
    responses: {
      200: {
        description: 'Successful response',
        content: { 'application/json': { schema: objectOf(outputs) } },
      },
    },
  }
}

function objectOf(members: readonly (readonly [string, Described])[]): Record<string, unknown> {
  const properties = members.map(([name, { type }]) => [name, type])
  return { type: 'object', properties: Object.fromEntries(properties) as unknown }
}
