/**
 * What one impairment is: plain data, with units in the names. The fields are those of the kernel's netem
 * (tc-netem(8)) and what it lacks: losing every nth packet, a burst before the rate bites, corruption that reaches
 * the application, direction, and a filter. Here only the shape of each part; what the parts mean together is
 * judged in `validate.ts`.
 *
 * Knowingly missing: netem's `slot`, `ecn` and distributions from a file.
 */
import * as v from 'valibot'

/** netem keeps times in 32 bits of 64 ns ticks (iproute2 tc/q_netem.c, get_ticks): 274.8 s. */
const timeMsMax = 274_000

/** netem keeps jitter in 31 bits of ns and cuts off what is more (sch_netem.c, netem_change): 2.147 s. */
const jitterMsMax = 2147

/** Held packets live in memory. 100,000 small ones are 200 MB; see also `heldBytesMax` of the userspace rung. */
const limitPacketsMax = 100_000

const number = (what: string) =>
  v.pipe(v.number(`${what} is a number`), v.finite(`${what} is a finite number`))
export const within = (what: string, min: number, max: number, unit: string) =>
  v.pipe(
    number(what),
    v.minValue(min, ({ input }) => `${what} is ${input} ${unit}, but at least ${min} ${unit} is possible`),
    v.maxValue(max, ({ input }) => `${what} is ${input} ${unit}, but at most ${max} ${unit} is possible`),
  )
export const whole = (what: string, min: number, max: number, unit: string) =>
  v.pipe(within(what, min, max, unit), v.integer(`${what} is a whole number`))
export const percent = (what: string) => within(what, 0, 100, '%')

export const delaySchema = v.strictObject({
  /** Mean of the delay added. */
  meanMs: within('the delay', 0, timeMsMax, 'ms'),
  /** Uniform: the delay is mean ± jitter. Other distributions: the jitter is their standard deviation. */
  jitterMs: v.optional(within('the jitter', 0, jitterMsMax, 'ms')),
  /** Taken as netem takes it, where it has next to no effect: the low bits of the number choose the delay. */
  correlationPercent: v.optional(percent('the correlation of the delay')),
  distribution: v.optional(
    v.picklist(
      ['uniform', 'normal', 'pareto', 'paretonormal'],
      'the distribution is one of uniform, normal, pareto, paretonormal',
    ),
  ),
})

const loss = v.variant('kind', [
  v.strictObject({
    kind: v.literal('random'),
    percent: percent('the loss'),
    /** As in netem, where correlation also changes the rate (10 % with 25 % correlation loses 1.9 %). */
    correlationPercent: v.optional(percent('the correlation of the loss')),
  }),
  v.strictObject({
    /** netem's gemodel: two states, good and bad. Losses come in bursts of about 100 / toGoodPercent packets. */
    kind: v.literal('gilbert-elliott'),
    /** p: from good to bad, per packet. */
    toBadPercent: percent('p, from good to bad,'),
    /** r: from bad to good, per packet. */
    toGoodPercent: percent('r, from bad to good,'),
    /** 1-h; 100 when left out. */
    lossInBadPercent: v.optional(percent('1-h, the loss in the bad state,')),
    /** 1-k; 0 when left out. */
    lossInGoodPercent: v.optional(percent('1-k, the loss in the good state,')),
  }),
  v.strictObject({
    /** netem's state: 1 good, 2 good within a burst, 3 lost within a burst, 4 lost alone. */
    kind: v.literal('four-state'),
    p13Percent: percent('p13'),
    p31Percent: percent('p31'),
    p32Percent: percent('p32'),
    p23Percent: percent('p23'),
    p14Percent: percent('p14'),
  }),
  v.strictObject({
    /** The nth, 2nth, 3nth ... packet. No chance in it. */
    kind: v.literal('every-nth'),
    nth: whole('every', 1, 1_000_000, 'packets'),
  }),
])

const duplicate = v.strictObject({
  percent: percent('the duplication'),
  correlationPercent: v.optional(percent('the correlation of the duplication')),
})

const corrupt = v.strictObject({
  percent: percent('the corruption'),
  correlationPercent: v.optional(percent('the correlation of the corruption')),
  /**
   * `keep` (netem): one bit anywhere in the frame; checksums then give it away and the receiver drops it.
   * `fix`: one bit of the payload of TCP or UDP, with the checksum made right again, so the application gets it.
   */
  checksum: v.optional(v.picklist(['keep', 'fix'], 'the checksum is one of keep, fix')),
})

const reorder = v.strictObject({
  /** Chance of a packet to go at once, ahead of those that are being delayed. */
  percent: percent('the reordering'),
  correlationPercent: v.optional(percent('the correlation of the reordering')),
  /** At least gap - 1 packets are delayed between two that go at once. 1 when left out. */
  gap: v.optional(whole('the gap', 1, 1_000_000, 'packets')),
})

const rate = v.strictObject({
  bitsPerSecond: whole('the rate', 1, 1e12, 'bit/s'),
  /** Added to each packet's length, e.g. for a link header; negative to take one off. */
  overheadBytes: v.optional(whole('the overhead per packet', -1500, 65_535, 'bytes')),
  /** Packets take whole cells, as with ATM. */
  cellBytes: v.optional(whole('the cell', 1, 65_535, 'bytes')),
  cellOverheadBytes: v.optional(whole('the overhead per cell', -1500, 65_535, 'bytes')),
  /** What may pass at once after a pause, as with a token bucket. 0 (netem) when left out. */
  burstBytes: v.optional(whole('the burst', 1, 1e9, 'bytes')),
})

const filter = v.strictObject({
  /** Address of the other side, with or without a prefix length: 10.0.0.7, 10.0.0.0/8, fd00::/64. */
  peer: v.optional(v.string('the peer is an address')),
  /** TCP or UDP port, on either side of the connection. */
  port: v.optional(whole('the port', 1, 65_535, '')),
  protocol: v.optional(v.picklist(['tcp', 'udp', 'icmp'], 'the protocol is one of tcp, udp, icmp')),
})

/** The shape; `parseImpairment` in `validate.ts` is the way in. */
export const impairmentSchema = v.strictObject({
  delay: v.optional(delaySchema),
  loss: v.optional(loss),
  duplicate: v.optional(duplicate),
  corrupt: v.optional(corrupt),
  reorder: v.optional(reorder),
  rate: v.optional(rate),
  /** Packets held at the same time; more are dropped. 1000 (netem) when left out. */
  limitPackets: v.optional(whole('the limit', 1, limitPacketsMax, 'packets')),
  /** Fixes every draw. Drawn and reported when left out. */
  seed: v.optional(whole('the seed', 0, Number.MAX_SAFE_INTEGER, '')),
  /** As seen from the impaired machine: `in` it receives, `out` it sends. `both` when left out. */
  direction: v.optional(v.picklist(['in', 'out', 'both'], 'the direction is one of in, out, both')),
  /** Only these packets; all others pass untouched. */
  filter: v.optional(filter),
})

export type Impairment = v.InferOutput<typeof impairmentSchema>
export type LossModel = NonNullable<Impairment['loss']>
export type Distribution = NonNullable<NonNullable<Impairment['delay']>['distribution']>
export type Direction = NonNullable<Impairment['direction']>
export type PacketFilter = NonNullable<Impairment['filter']>
