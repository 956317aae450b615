/** Harm to a link in words, for receipts and people: "delay 500ms down, 30% of new connections". */
import { writeBitsPerSecond, writeBytes, writeMs, writePercent } from '../spec/units.ts'
import type { LinkHarm } from './link-spec.ts'

export function writeLinkHarm(it: LinkHarm): string {
  const effects = [...shapes(it), ...end(it)].join(' ')
  const way = it.direction === undefined || it.direction === 'both' ? '' : ` ${it.direction}`
  const seed = it.seed === undefined ? '' : ` seed ${it.seed}`
  return `${effects}${way}${whom(it)}${seed}`
}

function shapes({ delay, rate, slice, slowClose }: LinkHarm): string[] {
  const words: string[] = []
  if (delay) {
    words.push('delay', writeMs(delay.meanMs))
    if (delay.jitterMs !== undefined) words.push(writeMs(delay.jitterMs))
    if (delay.correlationPercent !== undefined) words.push(writePercent(delay.correlationPercent))
    if (delay.distribution) words.push('distribution', delay.distribution)
  }
  if (rate) words.push('rate', writeBitsPerSecond(rate.bitsPerSecond))
  if (rate?.burstBytes !== undefined) words.push('burst', writeBytes(rate.burstBytes))
  if (slice) words.push('slices of', writeBytes(slice.bytes), 'every', writeMs(slice.gapMs))
  if (slowClose) words.push('slow close', writeMs(slowClose.ms))
  return words
}

function end({ stall, cut, reset, refuse }: LinkHarm): string[] {
  if (refuse) return [refuse === 'closed' ? 'port closed' : 'refuse by reset']
  const [name, how] = stall ? ['stall', stall] : cut ? ['cut', cut] : reset ? ['reset', reset] : []
  if (name === undefined) return []
  if (how?.afterBytes !== undefined) return [name, 'after', writeBytes(how.afterBytes)]
  return reset?.afterMs === undefined ? [name] : [name, 'after', writeMs(reset.afterMs)]
}

function whom({ connections, probabilityPercent }: LinkHarm): string {
  const which = connections === undefined || connections === 'all' ? '' : `${connections} `
  if (probabilityPercent !== undefined) return `, ${writePercent(probabilityPercent)} of ${which}connections`
  return which === '' ? '' : `, ${which}connections`
}
