/**
 * Gradio sends the first `process_generating` of an event in full and each later one as edits: per output a list of
 * `[action, path, value]`, empty for "unchanged". `process_completed` is in full again (sse_v2 and later).
 */
import { asArray, asText } from '../transport/json.ts'

/** The outputs after the edits. `previous` is not changed. */
export function applyDiff(previous: readonly unknown[], edits: readonly unknown[]): readonly unknown[] {
  return previous.map((value, index) => asArray(edits[index]).reduce(applyEdit, value))
}

function applyEdit(value: unknown, edit: unknown): unknown {
  const [action, path, change] = asArray(edit)
  return editAt(value, asArray(path) as readonly (string | number)[], String(action), change)
}

function editAt(
  value: unknown,
  [key, ...rest]: readonly (string | number)[],
  action: string,
  change: unknown,
): unknown {
  if (key === undefined) return action === 'append' ? appended(value, change) : change
  const copy = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }
  const at = copy as Record<string | number, unknown>
  if (rest.length > 0) at[key] = editAt(at[key], rest, action, change)
  else if (Array.isArray(copy) && action === 'add') copy.splice(Number(key), 0, change)
  else if (Array.isArray(copy) && action === 'delete') copy.splice(Number(key), 1)
  else if (action === 'delete') delete at[key]
  else at[key] = action === 'append' ? appended(at[key], change) : change
  return copy
}

/** `append` is for texts and lists. */
function appended(value: unknown, change: unknown): unknown {
  if (Array.isArray(value)) return [...(value as unknown[]), ...asArray(change)]
  return (asText(value) ?? '') + (asText(change) ?? '')
}
