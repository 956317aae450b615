/**
 * What can be done to the connections of a link: plain data, units in the names, like an impairment of packets. A
 * proxy sees bytes and connections, no packets, so nothing can be lost, doubled or overtaken here; instead connections
 * can be ended in the ways that programs have to live with.
 *
 * Knowingly missing: harm that begins at a pattern in the bytes. Fault points of the twins are for that.
 */
import * as v from 'valibot'
import { NetemError } from '../errors.ts'
import { delaySchema, percent, whole, within } from '../spec/impairment.ts'
import { describeIssue } from '../spec/validate.ts'

const timeMsMax = 274_000 // as for packets
const afterBytes = whole('the number of bytes', 0, Number.MAX_SAFE_INTEGER, 'bytes')

const linkSchema = v.strictObject({
  /** `up`: from client to service, `down`: from service to client. `both` when left out. */
  direction: v.optional(v.picklist(['up', 'down', 'both'], 'the direction is one of up, down, both')),
  /** Those that were open when it came into force, those opened since, or `all`, when left out. */
  connections: v.optional(v.picklist(['open', 'new', 'all'], 'the connections are one of open, new, all')),
  /** Chance of each connection to be struck. 100 when left out. */
  probabilityPercent: v.optional(percent('the probability')),
  /** Fixes every draw. Drawn and reported when left out. */
  seed: v.optional(whole('the seed', 0, Number.MAX_SAFE_INTEGER, '')),

  /** Bytes wait on their way. What was read together waits together; order is kept. */
  delay: v.optional(delaySchema),
  /** For each connection and direction, not for all together. */
  rate: v.optional(
    v.strictObject({
      bitsPerSecond: whole('the rate', 1, 1e12, 'bit/s'),
      /** What may pass at once after a pause. */
      burstBytes: v.optional(whole('the burst', 1, 1e9, 'bytes')),
    }),
  ),
  /** Writes of at most so many bytes, with a pause between two. */
  slice: v.optional(
    v.strictObject({
      bytes: whole('the slice', 1, 65_536, 'bytes'),
      gapMs: within('the gap', 0, timeMsMax, 'ms'),
    }),
  ),
  /** The end of a stream (FIN) arrives so much after the last byte. */
  slowClose: v.optional(v.strictObject({ ms: within('the slow close', 0, timeMsMax, 'ms') })),

  /** Nothing passes from then on, and the connection stays. Healed, what was held passes. */
  stall: v.optional(v.strictObject({ afterBytes: v.optional(afterBytes) })),
  /** The receiver gets the end of the stream (FIN) in the place of the next byte; the connection is over. */
  cut: v.optional(v.strictObject({ afterBytes: v.optional(afterBytes) })),
  /** Both sides get a reset (RST): at once, after so many bytes in a direction, or after a time. */
  reset: v.optional(
    v.strictObject({
      afterBytes: v.optional(afterBytes),
      afterMs: v.optional(within('the time until the reset', 0, 86_400_000, 'ms')),
    }),
  ),
  /**
   * New connections are turned away. `closed`: the port is closed, so connecting fails (ECONNREFUSED). `reset`: they
   * are accepted and reset at once. Open ones stay.
   */
  refuse: v.optional(v.picklist(['closed', 'reset'], 'refuse is one of closed, reset')),
})

export type LinkHarm = v.InferOutput<typeof linkSchema>

export type SettledLinkHarm = LinkHarm & { readonly seed: number }

/** The two ways of a link. */
export type Way = 'up' | 'down'

/** A contradiction: true if it holds, and what is wrong with it. */
type Contradiction = readonly [(it: LinkHarm) => boolean, string]

const shapes = ['delay', 'rate', 'slice', 'slowClose'] as const
const ends = ['stall', 'cut', 'reset', 'refuse'] as const

const contradictions: readonly Contradiction[] = [
  [
    (it) => [...shapes, ...ends].every((effect) => it[effect] === undefined),
    `it names no effect; use one of ${[...shapes, ...ends].join(', ')}`,
  ],
  [
    (it) => ends.filter((end) => it[end] !== undefined).length > 1,
    `a connection can meet one end only; use one of ${ends.join(', ')}`,
  ],
  [
    ({ delay }) => delay?.distribution !== undefined && !delay.jitterMs,
    'a distribution without jitter has nothing to distribute; name jitterMs',
  ],
  [
    ({ delay }) => delay?.correlationPercent !== undefined && !delay.jitterMs,
    'the correlation of a delay needs jitter; name jitterMs',
  ],
  [
    (it) => it.refuse !== undefined && shapes.some((shape) => it[shape] !== undefined),
    'a refused connection carries no bytes; name nothing beside refuse',
  ],
  [
    (it) => it.refuse !== undefined && it.direction !== undefined,
    'a refused connection has no direction; leave the direction out',
  ],
  [
    (it) => it.refuse !== undefined && it.connections === 'open',
    'open connections can no longer be refused; use reset',
  ],
  [
    (it) => it.refuse === 'closed' && it.probabilityPercent !== undefined,
    'a closed port is closed for everybody; use refuse "reset" with a probability',
  ],
  [
    ({ reset }) => reset?.afterBytes !== undefined && reset.afterMs !== undefined,
    'a reset comes after bytes or after a time; name one',
  ],
]

/** @throws NetemError `bad-link` with every reason found. */
export function parseLinkHarm(input: unknown): LinkHarm {
  const parsed = v.safeParse(linkSchema, input)
  if (!parsed.success) throw refusal(parsed.issues.map((issue) => describeIssue(issue, 'harm to a link')))
  const found = contradictions.filter(([holds]) => holds(parsed.output)).map(([, reason]) => reason)
  if (found.length > 0) throw refusal(found)
  return parsed.output
}

function refusal(reasons: readonly string[]): NetemError {
  return new NetemError('bad-link', `Cannot harm a link like this: ${reasons.join('; ')}`)
}

/** Whether bytes of this way are meant. */
export function meansWay({ direction = 'both' }: LinkHarm, way: Way): boolean {
  return direction === 'both' || direction === way
}
