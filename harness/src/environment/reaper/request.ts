/**
 * What a client may say to the reaper: one line each, url-encoded, as Ryuk's clients do. Ryuk knows `label` only
 * (several in one line must all match); the rest is ours. A line is answered with ACK once it is taken, or ERR.
 */
import { parseUndo } from './undo/catalog.ts'
import type { Undo } from './undo/undo.ts'

export type ReaperRequest =
  /** Things that carry all of these labels ("key=value" or "key") are to be removed. */
  | { readonly kind: 'filter'; readonly labels: readonly string[] }
  /** Keep everything for so long after the last disconnect. */
  | { readonly kind: 'lease'; readonly ms: number }
  /** The client lives; it is gone when nothing more is heard of it for so long. */
  | { readonly kind: 'alive'; readonly ttlMs: number }
  /** A fault is about to be applied, and this is how it is undone. The client chooses the id. */
  | { readonly kind: 'intend'; readonly id: string; readonly undo: Undo }
  /** The fault was healed by the client. */
  | { readonly kind: 'withdraw'; readonly id: string }
  /** The client has removed everything itself. */
  | { readonly kind: 'done' }
  /** A process of the run (owner.ts form): the only way to it on systems that do not show its environment. */
  | { readonly kind: 'process'; readonly owner: string; readonly unit: string }

/** @returns undefined for a line that is none of these. */
export function parseRequest(line: string): ReaperRequest | undefined {
  const parts = new URLSearchParams(line.trim())
  const labels = parts.getAll('label').filter((label) => label !== '')
  if (labels.length > 0) return { kind: 'filter', labels }
  const leaseMs = milliseconds(parts.get('lease'))
  if (leaseMs !== undefined) return { kind: 'lease', ms: leaseMs }
  const ttlMs = milliseconds(parts.get('alive'))
  if (ttlMs !== undefined) return { kind: 'alive', ttlMs }
  const owner = parts.get('process')
  if (owner) return { kind: 'process', owner, unit: parts.get('unit') ?? '' }
  const id = parts.get('intend')
  const undo = parseUndo(parts.get('undo') ?? '')
  if (id && undo) return { kind: 'intend', id, undo }
  const healed = parts.get('withdraw')
  if (healed) return { kind: 'withdraw', id: healed }
  return parts.has('done') ? { kind: 'done' } : undefined
}

/** The line for a request, with its line end. */
export function formatRequest(request: ReaperRequest): string {
  return `${partsOf(request).toString()}\n`
}

function partsOf(request: ReaperRequest): URLSearchParams {
  switch (request.kind) {
    case 'filter':
      return new URLSearchParams(request.labels.map((label): [string, string] => ['label', label]))
    case 'lease':
      return new URLSearchParams({ lease: String(Math.round(request.ms)) })
    case 'alive':
      return new URLSearchParams({ alive: String(Math.round(request.ttlMs)) })
    case 'intend':
      return new URLSearchParams({ intend: request.id, undo: JSON.stringify(request.undo) })
    case 'withdraw':
      return new URLSearchParams({ withdraw: request.id })
    case 'process':
      return new URLSearchParams({ process: request.owner, unit: request.unit })
    case 'done':
      return new URLSearchParams({ done: '' })
  }
}

function milliseconds(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined
}
