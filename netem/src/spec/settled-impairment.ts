/** Impairments with their seed fixed, so that a receipt can name it and a second run can repeat it. */
import { randomInt } from 'node:crypto'
import type { Impairment } from './impairment.ts'

export type SettledImpairment = Impairment & { readonly seed: number }

/** Those without a seed get one: a seed drawn here is as good as one that was given, once it is told. */
export function settle(impairments: readonly Impairment[]): SettledImpairment[] {
  return impairments.map((impairment) => ({ ...impairment, seed: impairment.seed ?? randomInt(2 ** 32) }))
}

/** Nothing in it that should strike single packets. */
export function onlyDelays(impairment: Impairment): boolean {
  const { loss, duplicate, corrupt, reorder, rate } = impairment
  return [loss, duplicate, corrupt, reorder, rate].every((effect) => effect === undefined)
}

/** What strikes this direction. */
export function concerns({ direction = 'both' }: Impairment, which: 'in' | 'out'): boolean {
  return direction === 'both' || direction === which
}
