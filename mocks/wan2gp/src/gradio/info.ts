/**
 * The API description, `GET /gradio_api/info`: parameter names, defaults and types of each endpoint. States are
 * left out of both lists. A parameter has a default exactly if its component has an initial value.
 */
import { type Component, components } from './components.ts'
import type { Dependency } from './dependency.ts'

/** Release of Gradio that Wan2GP pins, and that the twin speaks. */
export const gradioVersion = '5.29.0'

/** One parameter or one value of an answer. */
export type Described = Readonly<Record<string, unknown>> & {
  readonly parameter_name?: string
  readonly type: Readonly<Record<string, unknown>>
}

/** Body of `/gradio_api/info`. In Gradio 5 there are no unnamed endpoints. */
export function infoBody(dependencies: readonly Dependency[]): Record<string, unknown> {
  const endpoints = dependencies.map((dependency) => [
    `/${dependency.apiName}`,
    { parameters: parametersOf(dependency), returns: returnsOf(dependency), show_api: true },
  ])
  return { named_endpoints: Object.fromEntries(endpoints), unnamed_endpoints: {} }
}

/** Parameters of an endpoint, states left out. */
export function parametersOf({ fn, inputs }: Dependency): readonly Described[] {
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

/** Values of its answer, states left out. */
export function returnsOf({ outputs }: Dependency): readonly Described[] {
  return outputs.flatMap((id) => {
    const component = componentById(id)
    return component.type === 'state' ? [] : [{ label: component.name, ...typeOf(component) }]
  })
}

function typeOf({ type }: Component): Described {
  const name = type.charAt(0).toUpperCase() + type.slice(1)
  if (type === 'number' || type === 'slider') return described(name, { type: 'number' }, 'float')
  if (type === 'gallery') return described(name, { type: 'array', items: { type: 'object' } }, 'list[dict]')
  if (type === 'image' || type === 'file' || type === 'uploadbutton')
    return described(name, { type: 'object' }, 'dict')
  return described(name, { type: 'string' }, 'str')
}

function described(component: string, type: Record<string, unknown>, pythonType: string): Described {
  return { type, python_type: { type: pythonType, description: '' }, component }
}

const byId = new Map(components.map((component) => [component.id, component]))

function componentById(id: number): Component {
  const component = byId.get(id)
  if (component === undefined) throw new Error(`Cannot find component ${id}: it is not in the table; add it`)
  return component
}
