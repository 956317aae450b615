/** Decides whether a workflow may be queued and which of its outputs will run (rules and order as in golden 05). */
import { orderedRecord } from '@squall/twin-kit'
import type { Graph } from '../graph.ts'
import type { Catalog } from '../nodes/catalog.ts'
import { PythonError, pythonTraceback } from '../python-error.ts'
import { checkNode, type NodeCheck, type Validation } from './check-node.ts'
import { type NodeErrors, type PromptError, promptError } from './failure.ts'

/** With `error` the workflow is refused. Without it `nodeErrors` may still name outputs that were dropped. */
export type GraphVerdict = {
  readonly error?: PromptError
  readonly goodOutputs: readonly string[]
  readonly nodeErrors: Readonly<Record<string, NodeErrors>>
}

/**
 * Validates a workflow. `targets` limits the outputs (partial execution). Constants are converted in place.
 * Throws for a body that makes the real server raise (answer 500), such as the editor's own file format.
 */
export function validateGraph(
  graph: Graph,
  catalog: Catalog,
  customCheck: Validation['customCheck'],
  targets?: readonly unknown[],
): GraphVerdict {
  const refused = missingNodeType(graph, catalog)
  if (refused !== undefined) return { error: refused, goodOutputs: [], nodeErrors: {} }
  const outputs = Object.keys(graph).filter(
    (id) =>
      catalog.info(graph[id]?.class_type ?? '')?.output_node === true &&
      (targets === undefined || targets.includes(id)),
  )
  if (outputs.length === 0) {
    return {
      error: promptError('prompt_no_outputs', 'Prompt has no outputs'),
      goodOutputs: [],
      nodeErrors: {},
    }
  }
  return checkOutputs({ graph, catalog, customCheck, results: new Map() }, outputs)
}

function checkOutputs(validation: Validation, outputs: readonly string[]): GraphVerdict {
  const goodOutputs: string[] = []
  const details: string[] = []
  const nodeErrors = orderedRecord<NodeErrors>()
  for (const output of outputs) {
    const check = checkOutput(validation, output)
    if (check.valid) {
      goodOutputs.push(output)
      continue
    }
    details.push(...check.errors.map((error) => `${error.message}: ${error.details}`))
    for (const [id, { valid, errors }] of validation.results) {
      if (valid || errors.length === 0) continue
      nodeErrors[id] ??= { errors, dependent_outputs: [], class_type: validation.graph[id]?.class_type ?? '' }
      nodeErrors[id].dependent_outputs.push(output)
    }
  }
  if (goodOutputs.length > 0) return { goodOutputs, nodeErrors }
  const error = promptError(
    'prompt_outputs_failed_validation',
    'Prompt outputs failed validation',
    details.join('\n'),
  )
  return { error, goodOutputs, nodeErrors }
}

function checkOutput(validation: Validation, output: string): NodeCheck {
  try {
    return checkNode(validation, output)
  } catch (error) {
    if (!(error instanceof PythonError)) throw error
    const failed: NodeCheck = {
      valid: false,
      errors: [
        {
          type: 'exception_during_validation',
          message: 'Exception when validating node',
          details: error.message,
          extra_info: {
            exception_type: error.type,
            traceback: pythonTraceback(['execution.py', 1184, 'validate_prompt'], ...error.places),
          },
        },
      ],
    }
    validation.results.set(output, failed)
    return failed
  }
}

/** Stops at the first node without a known class. */
function missingNodeType(graph: Graph, catalog: Catalog): PromptError | undefined {
  for (const [id, node] of Object.entries(graph)) {
    if (typeof node !== 'object' || node === null || Array.isArray(node)) {
      throw new PythonError('AttributeError', 'a node is not an object')
    }
    const title = node._meta?.title
    const extra = (className: string | null) => ({
      node_id: id,
      class_type: className,
      node_title: title ?? className,
    })
    if (!('class_type' in node)) {
      const message = `Node '${title ?? `ID #${id}`}' has no class_type. The workflow may be corrupted or a custom node is missing.`
      return promptError('missing_node_type', message, `Node ID '#${id}'`, extra(null))
    }
    if (catalog.info(node.class_type) === undefined) {
      const message = `Node '${title ?? node.class_type}' not found. The custom node may not be installed.`
      return promptError('missing_node_type', message, `Node ID '#${id}'`, extra(node.class_type))
    }
  }
  return undefined
}
