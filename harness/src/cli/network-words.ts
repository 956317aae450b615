/**
 * Short words for what is done to a network most often, each with one or two flags of its own; behind each is netem's
 * own text, and so the fault `network`. Whatever they cannot say, that text can.
 */
import type { ArgsDef } from 'citty'
import { durationFlag } from './duration-flag.ts'

type Flags = Readonly<Record<string, unknown>>
type Word = {
  readonly summary: string
  readonly flags: ArgsDef
  /** netem's text. Flags that were left out are for netem's parser to complain about. */
  readonly text: (flags: Flags) => string
}

const delay = { type: 'string', description: 'a time: 500ms, 2s; needed' } as const
const jitter = { type: 'string', description: 'a time by which the delay varies' } as const
const percent = { type: 'string', description: 'of the packets; needed' } as const

export const networkWords: Readonly<Record<string, Word>> = {
  latency: {
    summary: 'each packet comes later',
    flags: { delay, jitter },
    text: (flags) => `delay ${timeIn(flags, 'delay')} ${timeIn(flags, 'jitter')}`,
  },
  loss: { summary: 'some packets are lost', flags: { percent }, text: (flags) => share('loss', flags) },
  duplicate: {
    summary: 'some packets come twice',
    flags: { percent },
    text: (flags) => share('duplicate', flags),
  },
  corrupt: {
    summary: 'some packets have a bit turned over',
    flags: { percent },
    text: (flags) => share('corrupt', flags),
  },
  reorder: {
    summary: 'some packets overtake others, which come later',
    flags: { delay, percent },
    text: (flags) => `delay ${timeIn(flags, 'delay')} ${share('reorder', flags)}`,
  },
  rate: {
    summary: 'no more than so much gets through',
    flags: { rate: { type: 'string', description: 'in bits: 1mbit, 256kbit; needed' } },
    text: ({ rate }) => `rate ${textOf(rate)}`,
  },
}

/** What all of them take. */
export const directionFlag = {
  direction: { type: 'string', description: 'in, out or both, as the service sees it' },
} as const

export function networkText(word: Word, flags: Flags): string {
  const { direction } = flags
  const way = direction === undefined ? '' : ` direction ${textOf(direction)}`
  return `${word.text(flags).trim()}${way}`
}

function share(effect: string, { percent: value }: Flags): string {
  return value === undefined ? effect : `${effect} ${textOf(value).replace(/%$/, '')}%`
}

function timeIn(flags: Flags, name: string): string {
  const value = flags[name]
  return value === undefined ? '' : `${durationFlag(name, textOf(value))}ms`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
