/**
 * Validates one node and, through its links, everything before it. Results are remembered per node, so a shared
 * ancestor is looked at once and its errors are listed once.
 * Knowingly missing: the set order of errors on one node (declaration order here).
 */
import type { Graph, Link } from '../graph.ts'
import type { Catalog, InputConfig, NodeInfo } from '../nodes/catalog.ts'
import { PythonError, pythonTraceback } from '../python-error.ts'
import { checkConstant } from './check-constant.ts'
import type { InputError } from './failure.ts'

/** Outcome of one node. An invalid node without errors fails only because of a node before it. */
export type NodeCheck = { readonly valid: boolean; readonly errors: readonly InputError[] }

/** What a validation needs. `results` is filled while it runs. */
export type Validation = {
  readonly graph: Graph
  readonly catalog: Catalog
  readonly results: Map<string, NodeCheck>
  /** Nodes whose class brings a validator of its own for an input; that input skips limits and choices. */
  readonly customCheck: (
    className: string,
    input: string,
  ) => ((value: unknown) => string | undefined) | undefined
}

/** Validates the node `id`. Throws PythonError where the real server raises (missing `inputs`, dangling link). */
export function checkNode(validation: Validation, id: string, path: readonly string[] = []): NodeCheck {
  const known = validation.results.get(id)
  if (known !== undefined) return known
  if (path.includes(id)) return reportCycle(validation, path.slice(path.indexOf(id)))
  const node = nodeAt(validation.graph, id)
  if (node.inputs === undefined)
    throw new PythonError('KeyError', "'inputs'", [['execution.py', 870, 'validate_inputs']])
  const info = validation.catalog.info(node.class_type)
  if (info === undefined) throw new PythonError('KeyError', `'${node.class_type}'`)
  const errors: InputError[] = []
  let upstreamValid = true
  for (const { name, config, required } of inputsOf(info)) {
    if (!(name in node.inputs)) {
      if (required) errors.push(missingInput(name))
      continue
    }
    const value = node.inputs[name]
    if (Array.isArray(value)) {
      const outcome = checkLink(validation, name, config, value, [...path, id])
      if (typeof outcome === 'object') errors.push(outcome)
      else upstreamValid &&= outcome
      continue
    }
    const custom = validation.customCheck(node.class_type, name)
    const check = checkConstant(name, config, value, custom !== undefined)
    node.inputs[name] = check.value
    const complaint = check.error === undefined ? custom?.(check.value) : undefined
    if (check.error !== undefined) errors.push(check.error)
    if (complaint !== undefined) errors.push(customFailure(name, complaint))
  }
  // A cycle found below has stored its verdict for this node already.
  const result = validation.results.get(id) ?? { valid: upstreamValid && errors.length === 0, errors }
  validation.results.set(id, result)
  return result
}

function nodeAt(graph: Graph, id: string): Graph[string] {
  const node = Object.hasOwn(graph, id) ? graph[id] : undefined
  if (node === undefined) {
    throw new PythonError('KeyError', `'${id}'`, [['execution.py', 933, 'validate_inputs']])
  }
  return node
}

function inputsOf(info: NodeInfo): { name: string; config: InputConfig; required: boolean }[] {
  const group = (inputs: NodeInfo['input']['required'], required: boolean) =>
    Object.entries(inputs ?? {}).map(([name, config]) => ({ name, config, required }))
  return [...group(info.input.required, true), ...group(info.input.optional, false)]
}

/** An error of this input, or whether the linked node is valid. */
function checkLink(
  validation: Validation,
  name: string,
  config: InputConfig,
  value: readonly unknown[],
  path: readonly string[],
): InputError | boolean {
  if (value.length !== 2) {
    return {
      type: 'bad_linked_input',
      message: 'Bad linked input, must be a length-2 list of [node_id, slot_index]',
      details: name,
      extra_info: { input_name: name, input_config: config, received_value: value },
    }
  }
  const link = value as unknown as Link
  const outputs = validation.catalog.info(nodeAt(validation.graph, link[0]).class_type)?.output ?? []
  const received = outputs.at(link[1])
  if (received === undefined)
    throw new PythonError('IndexError', 'tuple index out of range', [
      ['execution.py', 935, 'validate_inputs'],
    ])
  if (!typesMatch(received, config[0])) return typeMismatch(name, config, received, link)
  try {
    return checkNode(validation, link[0], path).valid
  } catch (error) {
    if (!(error instanceof PythonError)) throw error
    const failure = innerFailure(name, link, error)
    validation.results.set(link[0], { valid: false, errors: [failure] })
    return false
  }
}

/** `*` matches everything; `A,B` lists alternatives. A choice takes any text-like output. */
function typesMatch(received: string, expected: InputConfig[0]): boolean {
  if (received === '*' || expected === '*') return true
  if (typeof expected !== 'string') return received === 'COMBO'
  const accepted = new Set(expected.split(','))
  return received.split(',').every((type) => accepted.has(type))
}

function typeMismatch(name: string, config: InputConfig, received: string, link: Link): InputError {
  const expected = typeof config[0] === 'string' ? config[0] : 'COMBO'
  return {
    type: 'return_type_mismatch',
    message: 'Return type mismatch between linked nodes',
    details: `${name}, received_type(${received}) mismatch input_type(${expected})`,
    extra_info: { input_name: name, input_config: config, received_type: received, linked_node: link },
  }
}

function missingInput(name: string): InputError {
  return {
    type: 'required_input_missing',
    message: 'Required input is missing',
    details: name,
    extra_info: { input_name: name },
  }
}

function customFailure(name: string, complaint: string): InputError {
  return {
    type: 'custom_validation_failed',
    message: 'Custom validation failed for node',
    details: `${name} - ${complaint}`,
    extra_info: { input_name: name },
  }
}

function innerFailure(name: string, link: Link, error: PythonError): InputError {
  return {
    type: 'exception_during_inner_validation',
    message: 'Exception when validating inner node',
    details: error.message,
    extra_info: {
      input_name: name,
      exception_message: error.message,
      exception_type: error.type,
      traceback: pythonTraceback(['execution.py', 960, 'validate_inputs'], ...error.places),
      linked_node: link,
    },
  }
}

/** Every node of the cycle gets the same error (golden 05). */
function reportCycle(validation: Validation, cycle: readonly string[]): NodeCheck {
  const named = [...cycle, cycle[0] ?? ''].map((id) => `${id} (${validation.graph[id]?.class_type})`)
  for (const id of cycle) {
    const error: InputError = {
      type: 'dependency_cycle',
      message: 'Dependency cycle detected',
      details: named.join(' -> '),
      extra_info: { node_id: id, cycle_nodes: [...cycle] },
    }
    validation.results.set(id, { valid: false, errors: [error] })
  }
  return { valid: false, errors: [] }
}
