/**
 * Event bindings of the page: which function runs on which trigger, with which inputs and outputs. Numbers and API
 * names are given in registration order, which is why real suffixes shift with every release: resolve by name.
 */
import { componentNamed } from './components.ts'
import type { GradioFunction } from './function.ts'

/** A binding as the page builder writes it: component names, and the trigger as `component.event`. */
export type Binding = {
  readonly fn: GradioFunction
  /** `component.event`, or `then` for "after the binding before this one". */
  readonly on: `${string}.${string}` | 'then'
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

/** A binding with its number (`fn_index`) and API name. */
export type Dependency = {
  readonly id: number
  readonly apiName: string
  readonly fn: GradioFunction
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly targets: readonly (readonly [componentId: number | null, event: string])[]
  readonly triggerAfter: number | null
}

/** Number the bindings. A clash of names gets `_1`, `_2`, … in registration order, as Gradio does. */
export function numberBindings(bindings: readonly Binding[]): readonly Dependency[] {
  const used = new Map<string, number>()
  return bindings.map((binding, id) => {
    const clashes = used.get(binding.fn.name) ?? 0
    used.set(binding.fn.name, clashes + 1)
    const [component = '', event = ''] = binding.on.split('.')
    return {
      id,
      apiName: clashes === 0 ? binding.fn.name : `${binding.fn.name}_${clashes}`,
      fn: binding.fn,
      inputs: binding.inputs.map((name) => componentNamed(name).id),
      outputs: binding.outputs.map((name) => componentNamed(name).id),
      targets: binding.on === 'then' ? [[null, 'then']] : [[componentNamed(component).id, event]],
      triggerAfter: binding.on === 'then' ? id - 1 : null,
    }
  })
}
