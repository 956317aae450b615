/**
 * What a partition is: plain data. Which peers are cut off, which connections, what happens to their packets, and
 * whether it comes and goes. `parsePartition` is the way in.
 *
 * A direction is that of connections, not of packets: without its answers no connection comes about in either
 * direction. For packets of one direction there is `loss 100% direction out peer ADDRESS` of an impairment.
 */
import * as v from 'valibot'
import { NetemError } from '../errors.ts'
import { isPeerAddress } from '../spec/peer-address.ts'

const whole = (what: string, min: number, max: number, unit: string) =>
  v.pipe(
    v.number(`${what} is a number`),
    v.integer(`${what} is a whole number`),
    v.minValue(min, ({ input }) => `${what} is ${input} ${unit}, but at least ${min} ${unit} is possible`),
    v.maxValue(max, ({ input }) => `${what} is ${input} ${unit}, but at most ${max} ${unit} is possible`),
  )

const flapSchema = v.strictObject({
  /** It is in force for a part of each period, then the network is normal for the rest. */
  periodMs: whole('the period', 50, 600_000, 'ms'),
  dutyPercent: whole('the duty', 1, 99, '%'),
})

const peersAre = 'the peers are a list of addresses, or everybody'

const partitionSchema = v.strictObject({
  /**
   * Addresses, with or without a prefix length; or `everybody`: whatever is not the target itself, so also those who
   * come through a published port, and whoever looks after the target over the network.
   */
  peers: v.union(
    [
      v.literal('everybody'),
      v.pipe(
        v.array(
          v.pipe(
            v.string('a peer is an address'),
            v.check(
              isPeerAddress,
              ({ input }) => `the peer ${input} is no IP address (names are not looked up)`,
            ),
          ),
        ),
        v.minLength(1, 'no peer is named; name addresses, or everybody'),
      ),
    ],
    ({ issues }) =>
      issues?.find(({ type }) => type === 'check' || type === 'min_length')?.message ?? peersAre,
  ),
  /** Connections that the target opens (`out`), that are opened to it (`in`), or every packet (`both`, the usual). */
  direction: v.optional(v.picklist(['in', 'out', 'both'], 'the direction is one of in, out, both')),
  /**
   * `drop`: nothing comes of a packet, as with a cable cut. `reject`: TCP is reset, everything else is told that
   * nobody is there.
   */
  how: v.picklist(['drop', 'reject'], 'how is one of drop, reject'),
  flap: v.optional(flapSchema),
})

export type Partition = v.InferOutput<typeof partitionSchema>

/** @throws NetemError `bad-impairment` with every reason found */
export function parsePartition(input: unknown): Partition {
  const parsed = v.safeParse(partitionSchema, input)
  if (parsed.success) return parsed.output
  const reasons = parsed.issues.map(({ message, path }) => {
    const place = path?.map(({ key }) => String(key)).join('.') ?? ''
    return message.startsWith('Invalid') ? `"${place}": ${message}` : message
  })
  throw new NetemError('bad-impairment', `Cannot use this partition: ${reasons.join('; ')}`)
}

/** As one line, for receipts and people. */
export function writePartition({ peers, direction = 'both', how, flap }: Partition): string {
  const whom = peers === 'everybody' ? peers : peers.join(', ')
  const comes = flap === undefined ? '' : ` for ${flap.dutyPercent}% of every ${flap.periodMs} ms`
  return `${how} ${direction} ${whom}${comes}`
}
