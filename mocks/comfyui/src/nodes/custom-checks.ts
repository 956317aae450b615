/** Validators that some classes bring along; for their inputs limits and choices are not checked (golden 05). */
import { existsSync } from 'node:fs'
import type { Folders } from '../folders.ts'
import type { Validation } from '../validation/check-node.ts'

/** Validators over the given folders. Each returns a complaint or nothing. */
export function createCustomChecks(folders: Folders): Validation['customCheck'] {
  const imageExists = (value: unknown): string | undefined => {
    const path = folders.inside('input', '', String(value).replace(/ \[input\]$/, ''))
    return path !== undefined && existsSync(path) ? undefined : `Invalid image file: ${String(value)}`
  }
  return (className, input) =>
    input === 'image' && (className === 'LoadImage' || className === 'LoadImageMask')
      ? imageExists
      : undefined
}
