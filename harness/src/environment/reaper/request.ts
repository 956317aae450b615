/**
 * What a client may say to the reaper: one line each, url-encoded, as Ryuk's clients do. Ryuk knows `label` only
 * (several in one line must all match); the rest is ours. A line is answered with ACK once it is taken, or ERR. After ACK
 * there may be a space and JSON: what was asked for. HEAL without a question asks the client to heal what it has in force.
 */
import { type Claim, type ListedClaim, parseClaim } from './claims.ts'
import { parseUndo } from './undo/catalog.ts'
import type { Undo } from './undo/undo.ts'

export type ReaperRequest =
  /** Things that carry all of these labels ("key=value" or "key") are to be removed. */
  | { readonly kind: 'filter'; readonly labels: readonly string[] }
  /** Keep everything for so long from now on, and then until nobody is connected. */
  | { readonly kind: 'lease'; readonly ms: number }
  /** The client lives; it is gone when nothing more is heard of it for so long. */
  | { readonly kind: 'alive'; readonly ttlMs: number }
  /** A fault is about to be applied, and this is how it is undone. The client chooses the id. */
  | { readonly kind: 'intend'; readonly id: string; readonly undo: Undo }
  /** The fault was healed by the client. */
  | { readonly kind: 'withdraw'; readonly id: string }
  /** A fault is about to be put in force: nobody else may do the same there. Answered with the rival, if there is one. */
  | { readonly kind: 'claim'; readonly id: string; readonly claim: Claim }
  /** It is healed. */
  | { readonly kind: 'unclaim'; readonly id: string }
  /** What is in force, and what is left of the lease? Answered with a ReaperState. */
  | { readonly kind: 'list' }
  /** Everybody who has claimed a fault is asked to heal it. */
  | { readonly kind: 'recall' }
  /** The client has removed everything itself. */
  | { readonly kind: 'done' }
  /** A process of the run (owner.ts form): the only way to it on systems that do not show its environment. */
  | { readonly kind: 'process'; readonly owner: string; readonly unit: string }

/** What the reaper knows of its run, as it answers `list`. */
export type ReaperState = {
  /** Absent while no lease was given: a run with a harness of its own. */
  readonly leaseLeftMs?: number
  readonly claims: readonly ListedClaim[]
}

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
  return parseClaiming(parts) ?? parseWord(parts)
}

function parseClaiming(parts: URLSearchParams): ReaperRequest | undefined {
  const id = parts.get('claim')
  const claim = parseClaim(parts.get('of') ?? '')
  if (id && claim) return { kind: 'claim', id, claim }
  const over = parts.get('unclaim')
  return over ? { kind: 'unclaim', id: over } : undefined
}

function parseWord(parts: URLSearchParams): ReaperRequest | undefined {
  const kind = (['list', 'recall', 'done'] as const).find((word) => parts.has(word))
  return kind && { kind }
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
    case 'claim':
      return new URLSearchParams({ claim: request.id, of: JSON.stringify(request.claim) })
    case 'unclaim':
      return new URLSearchParams({ unclaim: request.id })
    case 'list':
    case 'recall':
    case 'done':
      return new URLSearchParams({ [request.kind]: '' })
  }
}

function milliseconds(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined
}
