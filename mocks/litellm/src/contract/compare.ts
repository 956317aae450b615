/** Where two observations differ, as paths into the data. */

export type Difference = {
  /** `body.error.message`; a missing field is shown as undefined. */
  readonly path: string
  readonly real: unknown
  readonly seen: unknown
}

/** Every leaf that is not the same. */
export function differences(real: unknown, seen: unknown, path = ''): readonly Difference[] {
  if (Object.is(real, seen)) return []
  if (!isTree(real) || !isTree(seen) || Array.isArray(real) !== Array.isArray(seen))
    return [{ path, real, seen }]
  const names = [...new Set([...Object.keys(real), ...Object.keys(seen)])]
  return names.flatMap((name) => differences(real[name], seen[name], path === '' ? name : `${path}.${name}`))
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
