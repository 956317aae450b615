/** An impairment as text, so that `parseImpairmentText` gives the same impairment back. For receipts and people. */
import type { Impairment, LossModel } from './impairment.ts'
import { writeBitsPerSecond, writeBytes, writeMs, writePercent } from './units.ts'

export function writeImpairment(it: Impairment): string {
  return [...effects(it), ...settings(it)].join(' ')
}

function effects({ delay, loss, duplicate, corrupt, reorder, rate }: Impairment): string[] {
  const text: string[] = []
  if (delay) {
    // The correlation can only follow a jitter; validation has seen to it.
    text.push('delay', writeMs(delay.meanMs), ...given(delay.jitterMs, writeMs))
    text.push(...given(delay.correlationPercent, writePercent))
    if (delay.distribution) text.push('distribution', delay.distribution)
  }
  if (loss) text.push('loss', ...lossWords(loss))
  if (duplicate) text.push('duplicate', ...chance(duplicate))
  if (corrupt) text.push('corrupt', ...chance(corrupt))
  if (corrupt?.checksum) text.push('checksum', corrupt.checksum)
  if (reorder) text.push('reorder', ...chance(reorder))
  if (reorder?.gap !== undefined) text.push('gap', String(reorder.gap))
  if (rate) {
    text.push('rate', writeBitsPerSecond(rate.bitsPerSecond))
    const cell = given(rate.cellBytes, String)
    if (rate.overheadBytes !== undefined || cell.length > 0) text.push(String(rate.overheadBytes ?? 0))
    text.push(...cell, ...given(rate.cellOverheadBytes, String))
    if (rate.burstBytes !== undefined) text.push('burst', writeBytes(rate.burstBytes))
  }
  return text
}

function settings({ limitPackets, seed, direction, filter }: Impairment): string[] {
  return [
    ...named('limit', limitPackets),
    ...named('seed', seed),
    ...named('direction', direction),
    ...named('peer', filter?.peer),
    ...named('port', filter?.port),
    ...named('protocol', filter?.protocol),
  ]
}

function lossWords(loss: LossModel): string[] {
  switch (loss.kind) {
    case 'random':
      return chance(loss)
    case 'every-nth':
      return ['every', String(loss.nth)]
    case 'gilbert-elliott': {
      const { toBadPercent, toGoodPercent, lossInBadPercent, lossInGoodPercent } = loss
      // 1-k can only follow 1-h.
      const inBad = lossInBadPercent ?? (lossInGoodPercent === undefined ? undefined : 100)
      return [
        'gemodel',
        ...[toBadPercent, toGoodPercent].map(writePercent),
        ...given(inBad, writePercent),
        ...given(lossInGoodPercent, writePercent),
      ]
    }
    case 'four-state': {
      const { p13Percent, p31Percent, p32Percent, p23Percent, p14Percent } = loss
      return ['state', ...[p13Percent, p31Percent, p32Percent, p23Percent, p14Percent].map(writePercent)]
    }
  }
}

function chance(of: {
  readonly percent: number
  readonly correlationPercent?: number | undefined
}): string[] {
  return [writePercent(of.percent), ...given(of.correlationPercent, writePercent)]
}

function named(word: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [word, String(value)]
}

function given<T>(value: T | undefined, write: (value: T) => string): string[] {
  return value === undefined ? [] : [write(value)]
}
