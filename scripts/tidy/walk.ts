/** Walks a syntax tree. Untyped inside, because the rules ask for few kinds of nodes and the tree has hundreds. */

/** A node as the parser gives it: a kind, a place, and whatever the kind has. */
export type Node = { readonly type: string; readonly start: number } & Readonly<Record<string, unknown>>

/** Calls `visit` for each node, parents first. */
export function walk(tree: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(tree)) {
    for (const entry of tree) walk(entry, visit)
    return
  }
  if (!isNode(tree)) return
  visit(tree)
  for (const value of Object.values(tree)) if (typeof value === 'object') walk(value, visit)
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** Text of a callee: `setTimeout`, `Math.random`, `test.only`; empty for anything that is not plain names. */
export function nameOf(node: unknown): string {
  if (!isNode(node)) return ''
  if (node.type === 'Identifier') return String(node.name)
  if (node.type !== 'MemberExpression' || node.computed === true) return ''
  const object = nameOf(node.object)
  return object === '' ? '' : `${object}.${nameOf(node.property)}`
}
