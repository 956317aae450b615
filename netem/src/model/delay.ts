/** How long one packet is delayed: sch_netem.c tabledist, in its ns and with its rounding. */
import type { Impairment } from '../spec/impairment.ts'
import { CorrelatedRandom } from './correlated.ts'
import { distributionScale, tableOf } from './distributions.ts'
import type { PacketRandom } from './random.ts'

const nsPerMs = 1e6

/** Draws one delay, ms. May be negative when the jitter is greater than the mean; such packets go at once. */
export function delaySampler(delay: Impairment['delay'], random: PacketRandom): () => number {
  const meanNs = Math.round((delay?.meanMs ?? 0) * nsPerMs)
  const sigmaNs = Math.round((delay?.jitterMs ?? 0) * nsPerMs)
  if (sigmaNs === 0) return () => meanNs / nsPerMs
  const draws = new CorrelatedRandom(random, delay?.correlationPercent)
  const table = tableOf(delay?.distribution ?? 'uniform')
  if (table === undefined) return () => ((draws.next() % (2 * sigmaNs)) + meanNs - sigmaNs) / nsPerMs
  const [whole, rest] = [Math.floor(sigmaNs / distributionScale), sigmaNs % distributionScale]
  return () => {
    const deviation = table[draws.next() % table.length] ?? 0
    const scaled = rest * deviation
    const rounded = Math.trunc((scaled + (scaled >= 0 ? 0.5 : -0.5) * distributionScale) / distributionScale)
    return (rounded + whole * deviation + meanNs) / nsPerMs
  }
}
