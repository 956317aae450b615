/** Whom a step hits: services by name, or so many of them in a word, drawn from the seed of the run. */
import { z } from 'zod'
import { type Random, seededRandom, shuffle, subSeed } from '../support/random.ts'
import { type ServiceName, serviceNames } from './topology.ts'

const words = ['one', 'minority', 'all'] as const

export const blastRadiusSchema = z.union(
  [
    z.enum(serviceNames),
    z.enum(words),
    z
      .array(z.enum(serviceNames))
      .min(1)
      .refine((names) => new Set(names).size === names.length, {
        error: 'names a service twice; once is enough',
      }),
  ],
  { error: `name one of ${serviceNames.join(', ')}, a list of them, or ${words.join(', ')}` },
)
export type BlastRadius = z.infer<typeof blastRadiusSchema>

/** The services that are named; nothing for a word. */
export function namedIn(on: BlastRadius): readonly ServiceName[] | undefined {
  if (typeof on !== 'string') return on
  return isWord(on) ? undefined : [on]
}

/** How many of the candidates are hit. A minority of two is nobody. */
export function radiusOf(on: BlastRadius, candidates: number): number {
  const named = namedIn(on)
  if (named !== undefined) return named.length
  if (on === 'all') return candidates
  return on === 'one' ? Math.min(1, candidates) : Math.floor((candidates - 1) / 2)
}

/**
 * The services that round `round` of step `step` hits. The same seed gives the same ones, so that a dry run can say
 * whom.
 * @param candidates Services of the topology that may be harmed.
 */
export function chooseTargets(
  on: BlastRadius,
  candidates: readonly ServiceName[],
  draw: { readonly seed: number; readonly step: number; readonly round: number },
): readonly ServiceName[] {
  const named = namedIn(on)
  if (named !== undefined) return named
  const random: Random = seededRandom(subSeed(draw.seed, `faults/${draw.step}/${draw.round}`))
  const drawn = new Set(shuffle(random, candidates).slice(0, radiusOf(on, candidates.length)))
  return candidates.filter((name) => drawn.has(name))
}

function isWord(on: string): on is (typeof words)[number] {
  return words.some((word) => word === on)
}
