/** A workflow in API form: node id to node. Ids are strings; a two-element list is a link, whatever it holds. */

/** One node as submitted. Inputs are links or constants; constants are coerced in place by validation. */
export type GraphNode = {
  readonly class_type: string
  readonly inputs: Record<string, unknown>
  readonly _meta?: { readonly title?: string }
}

/** A whole workflow. */
export type Graph = Readonly<Record<string, GraphNode>>

/** `[node id, output slot]`. */
export type Link = readonly [nodeId: string, slot: number]

/** Whether an input value is a link once validation has passed. */
export function isLink(value: unknown): value is Link {
  return Array.isArray(value) && value.length === 2
}

/** The links of a node, in the order of its inputs. */
export function linksOf(node: GraphNode): Link[] {
  return Object.values(node.inputs).filter(isLink)
}
