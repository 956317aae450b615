/**
 * The API description, `GET /gradio_api/info`: parameter names, defaults and types of each endpoint. States are
 * left out of both lists. A parameter has a default exactly if its component has an initial value.
 */
import { type Component, components } from './components.ts'
import type { Dependency } from './dependency.ts'

/** Body of `/gradio_api/info`. In Gradio 5 there are no unnamed endpoints. */
export function infoBody(dependencies: readonly Dependency[]): Record<string, unknown> {
  const endpoints = dependencies.map((dependency) => [
    `/${dependency.apiName}`,
    { parameters: parametersOf(dependency), returns: returnsOf(dependency), show_api: true },
  ])
  return { named_endpoints: Object.fromEntries(endpoints), unnamed_endpoints: {} }
}

function parametersOf({ fn, inputs }: Dependency): readonly Record<string, unknown>[] {
  return inputs.flatMap((id, index) => {
    const component = componentById(id)
    if (component.type === 'state') return []
    return [
      {
        label: component.name,
        // Parameters beyond the named ones belong to *args.
        parameter_name: fn.parameters[index] ?? `param_${index}`,
        parameter_has_default: component.value !== null,
        parameter_default: component.value,
        ...typeOf(component),
        example_input: null,
      },
    ]
  })
}

function returnsOf({ outputs }: Dependency): readonly Record<string, unknown>[] {
  return outputs.flatMap((id) => {
    const component = componentById(id)
    return component.type === 'state' ? [] : [{ label: component.name, ...typeOf(component) }]
  })
}

function typeOf({ type }: Component): Record<string, unknown> {
  const name = type.charAt(0).toUpperCase() + type.slice(1)
  if (type === 'number' || type === 'slider') return described(name, { type: 'number' }, 'float')
  if (type === 'gallery') return described(name, { type: 'array', items: { type: 'object' } }, 'list[dict]')
  if (type === 'image') return described(name, { type: 'object' }, 'dict')
  return described(name, { type: 'string' }, 'str')
}

function described(
  component: string,
  type: Record<string, unknown>,
  pythonType: string,
): Record<string, unknown> {
  return { type, python_type: { type: pythonType, description: '' }, component }
}

const byId = new Map(components.map((component) => [component.id, component]))

function componentById(id: number): Component {
  const component = byId.get(id)
  if (component === undefined) throw new Error(`Cannot find component ${id}: it is not in the table; add it`)
  return component
}
