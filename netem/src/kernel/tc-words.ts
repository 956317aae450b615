/**
 * One impairment as the words of `tc ... netem`, and what netem cannot do. The order of words does not matter to tc,
 * except that `distribution` and `gap` need their values named before.
 */
import { kernelSeed } from '../model/random.ts'
import type { Impairment, LossModel } from '../spec/impairment.ts'
import type { SettledImpairment } from '../spec/settled-impairment.ts'
import { writeBitsPerSecond, writeMs, writePercent } from '../spec/units.ts'

/** Why the kernel's netem cannot do it; undefined when it can. */
export function whyNotKernel({ loss, corrupt, rate }: Impairment): string | undefined {
  if (loss?.kind === 'every-nth') return 'netem cannot lose every nth packet'
  if (corrupt?.checksum === 'fix') return 'netem cannot set checksums right'
  if (rate?.burstBytes !== undefined) return 'netem has no burst'
  return undefined
}

/**
 * @param stream tells impairments and directions that share a seed apart, as in the userspace rung
 * @param takesSeed whether this tc and this kernel know the word
 */
export function netemWords(it: SettledImpairment, stream: string, takesSeed: boolean): string[] {
  const { delay, loss, duplicate, corrupt, reorder, rate, limitPackets } = it
  const words: string[] = []
  if (limitPackets !== undefined) words.push('limit', String(limitPackets))
  if (delay) {
    words.push('delay', writeMs(delay.meanMs))
    if (delay.jitterMs !== undefined)
      words.push(writeMs(delay.jitterMs), ...percents(delay.correlationPercent))
    // tc refuses a distribution that has nothing to distribute, and netem's own default is uniform.
    if (delay.distribution !== undefined && delay.distribution !== 'uniform' && delay.meanMs > 0) {
      words.push('distribution', delay.distribution)
    }
  }
  if (loss) words.push('loss', ...lossWords(loss))
  if (duplicate) words.push('duplicate', ...percents(duplicate.percent, duplicate.correlationPercent))
  if (corrupt) words.push('corrupt', ...percents(corrupt.percent, corrupt.correlationPercent))
  if (reorder) {
    words.push('reorder', ...percents(reorder.percent, reorder.correlationPercent))
    words.push('gap', String(reorder.gap ?? 1))
  }
  if (rate) {
    words.push('rate', writeBitsPerSecond(rate.bitsPerSecond), String(rate.overheadBytes ?? 0))
    if (rate.cellBytes !== undefined) words.push(String(rate.cellBytes), String(rate.cellOverheadBytes ?? 0))
  }
  // The same number as in the userspace rung; see `kernelSeed` for why not the seed itself.
  if (takesSeed) words.push('seed', String(kernelSeed(it.seed, stream)))
  return words
}

function lossWords(loss: LossModel): string[] {
  switch (loss.kind) {
    case 'random':
      return ['random', ...percents(loss.percent, loss.correlationPercent)]
    case 'gilbert-elliott': {
      const { toBadPercent, toGoodPercent, lossInBadPercent = 100, lossInGoodPercent = 0 } = loss
      return ['gemodel', ...percents(toBadPercent, toGoodPercent, lossInBadPercent, lossInGoodPercent)]
    }
    case 'four-state': {
      const { p13Percent, p31Percent, p32Percent, p23Percent, p14Percent } = loss
      return ['state', ...percents(p13Percent, p31Percent, p32Percent, p23Percent, p14Percent)]
    }
    case 'every-nth':
      throw new RangeError('whyNotKernel was not asked')
  }
}

function percents(...values: readonly (number | undefined)[]): string[] {
  return values.filter((value) => value !== undefined).map(writePercent)
}
