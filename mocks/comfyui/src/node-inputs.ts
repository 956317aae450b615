/** What a node gets to see of its inputs, and how an error report shows them. */
import { PythonFloat } from '@squall/twin-kit'
import { type GraphNode, isLink, type Link } from './graph.ts'
import type { Facts } from './nodes/behaviour.ts'
import type { NodeInfo } from './nodes/catalog.ts'
import { PythonError, pythonRepr, pythonType, type TracebackPlace } from './python-error.ts'
import type { QueueItem } from './queue.ts'
import { coercedTypes } from './validation/coerce.ts'

/**
 * Inputs with links replaced by the facts on them. Throws PythonError where a constant stands in for a link: that
 * passes validation and fails at run time (golden 06).
 */
export function resolveInputs(
  node: GraphNode,
  info: NodeInfo,
  factsOn: (link: Link) => Facts | undefined,
): Readonly<Record<string, unknown>> {
  const configs = { ...info.input.required, ...info.input.optional }
  const inputs = Object.entries(node.inputs).map(([name, value]) => {
    if (isLink(value)) return [name, factsOn(value)]
    const type = configs[name]?.[0]
    // Nodes of an expansion are given facts instead of a link to a node outside.
    const isFacts = typeof value === 'object' && value !== null && !(value instanceof PythonFloat)
    const needsLink = typeof type === 'string' && !isConstantType(type)
    if (needsLink && !isFacts) {
      const message = `'${pythonType(value)}' object has no attribute 'shape'`
      throw new PythonError('AttributeError', message, innerPlaces[node.class_type])
    }
    return [name, value instanceof PythonFloat ? value.value : value]
  })
  return Object.fromEntries(inputs) as Record<string, unknown>
}

/** Where the recorded classes fail on a constant. */
const innerPlaces: Readonly<Record<string, readonly TracebackPlace[]>> = {
  SaveImage: [['nodes.py', 1694, 'save_images']],
  PreviewImage: [['nodes.py', 1694, 'save_images']],
}

/** The blocker among the inputs, if there is one: its text, empty if it is silent. */
export function blockerIn(inputs: Readonly<Record<string, unknown>>): string | undefined {
  for (const value of Object.values(inputs)) {
    const { blocked } = (typeof value === 'object' && value !== null ? value : {}) as Facts
    if (blocked !== undefined) return blocked
  }
  return undefined
}

/**
 * `current_inputs` of an error: constants as they are, everything on a link as the dump of a tensor, and what the
 * server fills in itself as Python prints it.
 */
export function shownInputs(
  node: GraphNode,
  info: NodeInfo,
  item: Pick<QueueItem, 'graph' | 'extraData'>,
): Readonly<Record<string, unknown>> {
  const shown = Object.entries(node.inputs).map(([name, value]) => [
    name,
    [isLink(value) || isPlainObject(value) ? tensorDump : value],
  ])
  const filledIn: Readonly<Record<string, unknown>> = {
    PROMPT: pythonRepr(item.graph),
    EXTRA_PNGINFO: item.extraData['extra_pnginfo'] ?? null,
  }
  const hidden = Object.entries(info.input.hidden ?? {}).map(([name, kind]) => {
    const value = filledIn[String(kind)] ?? null
    return [name, [isPlainObject(value) ? pythonRepr(value) : value]]
  })
  return Object.fromEntries([...shown, ...hidden]) as Record<string, unknown>
}

/** Nothing is computed here, so every picture is dumped as black. */
const tensorDump = `tensor([[[[${'0.0000, 0.0000, 0.0000],\n          ['.repeat(3)}...]]]])`

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof PythonFloat)
}

/** Types that constants have. Of the last, a choice that brings inputs of its own, the choice is the constant. */
function isConstantType(type: string): boolean {
  return [...coercedTypes, 'COMBO', '*', 'COMFY_DYNAMICCOMBO_V3'].includes(type)
}
