/**
 * The diff rule of `sse_v2` and later: after the first yield of a generator, each output travels as a list of edits
 * `[action, path, value]`, and `[]` means unchanged. Follows `gradio.utils.diff` of 5.29 step by step, including
 * its habit of sending a text that grew as an append.
 */

/** One edit. Path steps are list indexes or keys. */
export type Edit = readonly [
  action: 'replace' | 'append' | 'add' | 'delete',
  path: readonly (number | string)[],
  value: unknown,
]

type Path = readonly (number | string)[]
type PlainObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is PlainObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const compareLists = (
  before: readonly unknown[],
  after: readonly unknown[],
  path: Path,
  edits: Edit[],
): void => {
  const shared = Math.min(before.length, after.length)
  for (let index = 0; index < shared; index += 1)
    compare(before[index], after[index], [...path, index], edits)
  for (let index = shared; index < before.length; index += 1) edits.push(['delete', [...path, index], null])
  for (let index = shared; index < after.length; index += 1)
    edits.push(['add', [...path, index], after[index]])
}

const compareObjects = (before: PlainObject, after: PlainObject, path: Path, edits: Edit[]): void => {
  for (const key of Object.keys(before)) {
    if (Object.hasOwn(after, key)) compare(before[key], after[key], [...path, key], edits)
    else edits.push(['delete', [...path, key], null])
  }
  for (const key of Object.keys(after)) {
    if (!Object.hasOwn(before, key)) edits.push(['add', [...path, key], after[key]])
  }
}

const compare = (before: unknown, after: unknown, path: Path, edits: Edit[]): void => {
  if (before === after) return
  if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, edits)
  else if (isObject(before) && isObject(after)) compareObjects(before, after, path, edits)
  else if (typeof before === 'string' && typeof after === 'string' && after.startsWith(before)) {
    edits.push(['append', path, after.slice(before.length)])
  } else edits.push(['replace', path, after])
}

/** The edits that turn `before` into `after`; empty if they are equal. */
export const diff = (before: unknown, after: unknown): Edit[] => {
  const edits: Edit[] = []
  compare(before, after, [], edits)
  return edits
}
