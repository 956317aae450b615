/**
 * What a client may say to the reaper: one line each, url-encoded, as Ryuk's clients do. Ryuk knows `label` only
 * (several in one line must all match); `lease`, `done` and `process` are ours.
 */
export type ReaperRequest =
  /** Things that carry all of these labels ("key=value" or "key") are to be removed. */
  | { readonly kind: 'filter'; readonly labels: readonly string[] }
  /** Keep everything for so long after the last disconnect. */
  | { readonly kind: 'lease'; readonly ms: number }
  /** The client has removed everything itself. */
  | { readonly kind: 'done' }
  /** A process of the run (owner.ts form), for systems that do not show the environment of a process. */
  | { readonly kind: 'process'; readonly owner: string }

/** @returns undefined for a line that is none of these. */
export function parseRequest(line: string): ReaperRequest | undefined {
  const parts = new URLSearchParams(line.trim())
  const labels = parts.getAll('label').filter((label) => label !== '')
  if (labels.length > 0) return { kind: 'filter', labels }
  const lease = parts.get('lease')
  if (lease !== null && /^\d+$/.test(lease)) return { kind: 'lease', ms: Number(lease) }
  const owner = parts.get('process')
  if (owner) return { kind: 'process', owner }
  return parts.has('done') ? { kind: 'done' } : undefined
}

/** The line for a request, with its line end. */
export function formatRequest(request: ReaperRequest): string {
  const parts = new URLSearchParams()
  if (request.kind === 'filter') for (const label of request.labels) parts.append('label', label)
  if (request.kind === 'lease') parts.set('lease', String(Math.round(request.ms)))
  if (request.kind === 'process') parts.set('process', request.owner)
  if (request.kind === 'done') parts.set('done', '')
  return `${parts.toString()}\n`
}
