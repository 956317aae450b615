/**
 * An impairment from netem's own text (`delay 100ms 10ms distribution normal loss 1%`), because people know it.
 * The grammar is that of tc-netem(8) as iproute2 tc/q_netem.c reads it, with words of our own for what netem lacks:
 *
 *   loss every N · corrupt PERCENT checksum fix|keep · rate ... burst SIZE
 *   direction in|out|both · peer ADDRESS · port N · protocol tcp|udp|icmp
 *
 * `ecn` and `slot` are refused by name. Abbreviations (`del`, `dup`), which tc takes, are not.
 */
import type { Impairment, LossModel } from './impairment.ts'
import { readBitsPerSecond, readBytes, readMs, readPercent } from './units.ts'
import { parseImpairment } from './validate.ts'
import { Words } from './words.ts'

/** Not validated yet: the text may name what does not exist, and `parseImpairment` has the better words for it. */
type Draft = { -readonly [K in keyof Impairment]: unknown }

const wordReaders: Readonly<Record<string, (words: Words, draft: Draft) => void>> = {
  delay: readDelay,
  latency: readDelay,
  distribution: (words, draft) => {
    draft.delay = { ...part(draft.delay), distribution: words.take('name of a distribution') }
  },
  loss: readLoss,
  drop: readLoss,
  duplicate: (words, draft) => {
    draft.duplicate = readChance(words, 'duplication')
  },
  corrupt: (words, draft) => {
    draft.corrupt = readChance(words, 'corruption')
  },
  checksum: (words, draft) => {
    if (draft.corrupt === undefined) throw words.refuse('"checksum" stands without "corrupt" before it')
    draft.corrupt = { ...part(draft.corrupt), checksum: words.take('word after "checksum"') }
  },
  reorder: (words, draft) => {
    draft.reorder = { ...part(draft.reorder), ...readChance(words, 'reordering') }
  },
  gap: (words, draft) => {
    draft.reorder = { ...part(draft.reorder), gap: words.takeNumber('gap') }
  },
  rate: readRate,
  burst: (words, draft) => {
    if (draft.rate === undefined) throw words.refuse('"burst" stands without "rate" before it')
    draft.rate = { ...part(draft.rate), burstBytes: words.takeAs('size of a burst', readBytes) }
  },
  limit: (words, draft) => {
    draft.limitPackets = words.takeNumber('limit in packets')
  },
  seed: (words, draft) => {
    draft.seed = words.takeNumber('seed')
  },
  direction: (words, draft) => {
    draft.direction = words.take('direction')
  },
  peer: (words, draft) => {
    draft.filter = { ...part(draft.filter), peer: words.take('address of the peer') }
  },
  port: (words, draft) => {
    draft.filter = { ...part(draft.filter), port: words.takeNumber('port') }
  },
  protocol: (words, draft) => {
    draft.filter = { ...part(draft.filter), protocol: words.take('protocol') }
  },
}

/** What tc knows and we do not. */
const missing: readonly string[] = ['ecn', 'slot']

/** Words that add to an effect, which another word begins; those read by position see to it themselves. */
const additions = { distribution: 'delay', gap: 'reorder' } as const

/** @throws NetemError `bad-impairment` when the text cannot be read or what it says is impossible. */
export function parseImpairmentText(text: string): Impairment {
  const words = new Words(text)
  const draft: Draft = {}
  const seen = new Set<string>()
  while (!words.isAtEnd) {
    const word = words.take('word')
    const name = word === 'latency' ? 'delay' : word === 'drop' ? 'loss' : word
    if (missing.includes(name)) throw words.refuse(`"${word}" is not supported; leave it out`)
    const read = Object.hasOwn(wordReaders, name) ? wordReaders[name] : undefined
    if (read === undefined) {
      throw words.refuse(`"${word}" is unknown; use ${Object.keys(wordReaders).join(', ')}`)
    }
    if (seen.has(name)) throw words.refuse(`"${word}" stands twice`)
    seen.add(name)
    read(words, draft)
  }
  for (const [addition, effect] of Object.entries(additions)) {
    if (seen.has(addition) && !seen.has(effect)) {
      throw words.refuse(`"${addition}" stands without "${effect}"`)
    }
  }
  return parseImpairment(draft)
}

function readDelay(words: Words, draft: Draft): void {
  const meanMs = words.takeAs('delay such as 100ms', readMs)
  const jitterMs = words.takeOptional('jitter such as 10ms', readMs)
  const correlationPercent =
    jitterMs === undefined ? undefined : words.takeOptional('correlation in percent', readPercent)
  draft.delay = { ...part(draft.delay), ...present({ meanMs, jitterMs, correlationPercent }) }
}

function readLoss(words: Words, draft: Draft): void {
  draft.loss = readLossModel(words)
}

function readLossModel(words: Words): Record<string, unknown> {
  const percent = (what: string) => words.takeAs(`${what} in percent`, readPercent)
  const optional = (what: string) => words.takeOptional(`${what} in percent`, readPercent)
  if (words.takeIf('every')) return { kind: 'every-nth', nth: words.takeNumber('count of packets') }
  if (words.takeIf('gemodel')) {
    const toBadPercent = percent('p')
    // Without r the states do not matter: the chance of the bad state is p whatever went before.
    const toGoodPercent = optional('r') ?? 100 - toBadPercent
    const [lossInBadPercent, lossInGoodPercent] = [optional('1-h'), optional('1-k')]
    return {
      kind: 'gilbert-elliott',
      ...present({ toBadPercent, toGoodPercent, lossInBadPercent, lossInGoodPercent }),
    }
  }
  if (words.takeIf('state')) {
    const p13Percent = percent('p13')
    return {
      kind: 'four-state',
      p13Percent,
      p31Percent: optional('p31') ?? 100 - p13Percent,
      p32Percent: optional('p32') ?? 0,
      p23Percent: optional('p23') ?? 100,
      p14Percent: optional('p14') ?? 0,
    } satisfies LossModel
  }
  words.takeIf('random')
  return { kind: 'random', ...readChance(words, 'loss') }
}

function readChance(words: Words, what: string): Record<string, unknown> {
  const percent = words.takeAs(`${what} in percent`, readPercent)
  return present({ percent, correlationPercent: words.takeOptional('correlation in percent', readPercent) })
}

function readRate(words: Words, draft: Draft): void {
  const bitsPerSecond = words.takeAs('rate such as 1mbit', readBitsPerSecond)
  const overheadBytes = words.takeOptional('overhead in bytes', Number)
  const cellBytes = words.takeOptional('size of a cell in bytes', Number)
  const cellOverheadBytes = words.takeOptional('overhead per cell in bytes', Number)
  draft.rate = present({
    bitsPerSecond,
    // 0 has to be written when a cell follows; it means none.
    overheadBytes: overheadBytes === 0 ? undefined : overheadBytes,
    cellBytes: cellBytes === 0 ? undefined : cellBytes,
    cellOverheadBytes,
  })
}

function part(of: unknown): Record<string, unknown> {
  return (of ?? {}) as Record<string, unknown>
}

/** Fields left out and fields that are undefined are the same to people, not to `toEqual` and JSON. */
function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
