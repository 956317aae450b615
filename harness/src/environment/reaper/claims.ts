/**
 * What clients say they have in force, so that others can see it and leave it alone. A claim is more than an intent: it
 * stands for a whole fault, also for one that needs no undoing, and no two clients hold the same one at one unit. It is
 * taken before harm is done and given back when all of it is healed.
 */
import { nowMs } from '../../support/clock.ts'

export type Claim = {
  readonly unit: string
  /** What only one fault at a time may do to a unit. Absent: any number of them get along. */
  readonly claim?: string
  /** For people: "pause of comfyui". */
  readonly fault: string
  /** How long it will be in force; absent when nobody knows yet. */
  readonly forMs?: number
}

/** A claim as it is told: ages instead of times, because the clocks of two hosts differ. */
export type ListedClaim = Claim & { readonly ageMs: number }

/** Who holds claims. */
export type Holder = { recall(): void }

export type Claims<Owner extends Holder> = {
  /** Takes it, or names who has it already. */
  take(holder: Owner, id: string, claim: Claim): ListedClaim | undefined
  giveBack(holder: Owner, id: string): void
  giveBackAll(holder: Owner): void
  list(): ListedClaim[]
  /** Asks everybody who holds a claim to heal. */
  recall(): void
}

export function openClaims<Owner extends Holder>(): Claims<Owner> {
  const held = new Map<Owner, Map<string, { readonly claim: Claim; readonly since: number }>>()
  const list = (): ListedClaim[] =>
    [...held.values()]
      .flatMap((claims) => [...claims.values()])
      .map(({ claim, since }) => ({ ...claim, ageMs: Math.round(nowMs() - since) }))
  return {
    take(holder, id, claim) {
      const isRival = (other: Claim): boolean => other.unit === claim.unit && other.claim === claim.claim
      const rival = claim.claim === undefined ? undefined : list().find(isRival)
      if (rival !== undefined) return rival
      const own = held.get(holder) ?? new Map()
      held.set(holder, own.set(id, { claim, since: nowMs() }))
      return undefined
    },
    giveBack: (holder, id) => void held.get(holder)?.delete(id),
    giveBackAll: (holder) => void held.delete(holder),
    list,
    recall() {
      for (const [holder, claims] of held) if (claims.size > 0) holder.recall()
    },
  }
}

/** @returns undefined for text that is no claim. */
export function parseClaim(text: string): Claim | undefined {
  try {
    const { unit, claim, fault, forMs } = JSON.parse(text) as Readonly<Record<string, unknown>>
    if (typeof unit !== 'string' || typeof fault !== 'string') return undefined
    if (claim !== undefined && typeof claim !== 'string') return undefined
    if (forMs !== undefined && typeof forMs !== 'number') return undefined
    return { unit, fault, ...(claim !== undefined && { claim }), ...(forMs !== undefined && { forMs }) }
  } catch {
    return undefined
  }
}
