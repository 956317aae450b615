/**
 * Finds the endpoints of a Gradio app and fills in their arguments.
 * Names get a numeric suffix when a function is bound twice, and the suffixes shift with every release of Wan2GP, so an
 * endpoint is the one with the lowest suffix of its base name. Arguments are positional and many (about 130 for
 * `save_inputs`), so they are filled the way the browser does it: every component's own value, except those we name.
 */
import { ClientError } from '../errors.ts'
import { asArray, asObject, asText, type JsonObject } from '../transport/json.ts'

export type AppEndpoint = {
  readonly fnIndex: number
  /** In order, State components included as `undefined` name. */
  readonly inputs: readonly AppInput[]
}

type AppInput = {
  /** Absent for State: the server has its value, the client sends `null` in its place. */
  readonly name: string | undefined
  readonly value: unknown
}

/**
 * `config` is `/config`, `info` is `/gradio_api/info`: only the latter knows parameter names, and it leaves State out.
 * @throws ClientError `missing-endpoint`
 */
export function findEndpoint(config: JsonObject, info: JsonObject, baseName: string): AppEndpoint {
  const dependencies = asArray(config.dependencies).map(asObject)
  const named = dependencies
    .map((dependency, index) => ({ dependency, index, suffix: suffixOf(dependency.api_name, baseName) }))
    .filter((entry) => entry.suffix !== undefined)
    .sort((a, b) => (a.suffix ?? 0) - (b.suffix ?? 0))[0]
  if (named === undefined) {
    const message = `Cannot use Wan2GP: it has no endpoint "${baseName}"; this version is not known`
    throw new ClientError({ errorClass: 'validation', code: 'missing-endpoint', message })
  }
  const { dependency, index } = named
  const endpointInfo = asObject(asObject(info.named_endpoints)[`/${asText(dependency.api_name) ?? ''}`])
  const names = asArray(endpointInfo.parameters).map((parameter) =>
    asText(asObject(parameter).parameter_name),
  )
  return {
    fnIndex: typeof dependency.id === 'number' ? dependency.id : index,
    inputs: inputsOf(config, asArray(dependency.inputs), names),
  }
}

/** Positional arguments: `values` by parameter name, the component's own value for the rest. */
export function argumentsOf(endpoint: AppEndpoint, values: JsonObject): readonly unknown[] {
  return endpoint.inputs.map(({ name, value }) =>
    name !== undefined && name in values ? values[name] : value,
  )
}

function inputsOf(
  config: JsonObject,
  ids: readonly unknown[],
  names: readonly (string | undefined)[],
): readonly AppInput[] {
  const components = new Map(asArray(config.components).map((entry) => [asObject(entry).id, asObject(entry)]))
  let position = 0
  return ids.map((id) => {
    const component = components.get(id)
    if (component?.type === 'state') return { name: undefined, value: null }
    const name = names[position]
    position += 1
    return { name, value: asObject(component?.props).value ?? null }
  })
}

/** `save_inputs` is -1, `save_inputs_2` is 2, another name is undefined. */
function suffixOf(apiName: unknown, baseName: string): number | undefined {
  if (typeof apiName !== 'string') return undefined
  if (apiName === baseName) return -1
  if (!apiName.startsWith(`${baseName}_`)) return undefined
  const suffix = apiName.slice(baseName.length + 1)
  return /^\d+$/.test(suffix) ? Number(suffix) : undefined
}
