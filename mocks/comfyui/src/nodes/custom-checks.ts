/** Validators that some classes bring along; for their inputs limits and choices are not checked (golden 05). */
import { existsSync } from 'node:fs'
import type { Folders } from '../folders.ts'
import { PythonError } from '../python-error.ts'
import type { Validation } from '../validation/check-node.ts'

/** Validators over the given folders. Each returns a complaint or nothing. */
export function createCustomChecks(folders: Folders): Validation['customCheck'] {
  const imageExists = (value: unknown): string | undefined => {
    const path = folders.inside('input', '', String(value).replace(/ \[input\]$/, ''))
    return path !== undefined && existsSync(path) ? undefined : `Invalid image file: ${String(value)}`
  }
  return (className, input) => {
    if (className === 'TValidate') return mustBeOk
    return input === 'image' && className.startsWith('LoadImage') ? imageExists : undefined
  }
}

/** The validator of the test node `TValidate`; its traceback is the recorded one. */
function mustBeOk(value: unknown): string | undefined {
  if (value === 'raise') {
    throw new PythonError('RuntimeError', 'validator blew up', [
      ['execution.py', 1091, 'validate_inputs'],
      ['execution.py', 318, '_async_map_node_over_list'],
      ['execution.py', 306, 'process_inputs'],
      ['/data/custom_nodes/t_nodes.py', 80, 'VALIDATE_INPUTS'],
    ])
  }
  return value === 'ok' ? undefined : 'text must be ok'
}
