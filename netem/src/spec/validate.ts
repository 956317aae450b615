/**
 * The way from anything to an impairment: shape first, then what the parts mean together. Combinations that tc
 * refuses are refused here for the same reason (iproute2 tc/q_netem.c, netem_parse_opt), before anything is touched.
 */
import * as v from 'valibot'
import { NetemError } from '../errors.ts'
import { type Impairment, impairmentSchema } from './impairment.ts'
import { isPeerAddress } from './peer-address.ts'

/** A contradiction: true if it holds, and what is wrong with it. */
type Contradiction = readonly [(it: Impairment) => boolean, string]

const effects = ['delay', 'loss', 'duplicate', 'corrupt', 'reorder', 'rate'] as const

const contradictions: readonly Contradiction[] = [
  [
    (it) => effects.every((effect) => it[effect] === undefined),
    `it names no effect; use one of ${effects.join(', ')}`,
  ],
  [
    ({ delay }) => delay?.distribution !== undefined && !delay.jitterMs,
    'a distribution without jitter has nothing to distribute; name the jitter after the delay',
  ],
  [
    ({ delay }) => delay?.correlationPercent !== undefined && !delay.jitterMs,
    'the correlation of a delay needs jitter; name the jitter before it',
  ],
  [
    ({ reorder, delay }) => reorder !== undefined && !delay?.meanMs,
    'packets that are not delayed cannot be overtaken; reordering needs a delay',
  ],
  [
    ({ rate }) => rate?.cellOverheadBytes !== undefined && rate.cellBytes === undefined,
    'overhead per cell needs the size of a cell; name the cell before it',
  ],
  [
    ({ rate }) => (rate?.cellBytes ?? 1) + (rate?.cellOverheadBytes ?? 0) < 0,
    'the overhead per cell takes off more than the cell holds; make it smaller',
  ],
  [
    ({ loss }) => loss?.kind === 'four-state' && loss.p13Percent + loss.p14Percent > 100,
    'p13 and p14 leave the same state, so together they are at most 100 %; make one smaller',
  ],
  [
    ({ loss }) => loss?.kind === 'four-state' && loss.p31Percent + loss.p32Percent > 100,
    'p31 and p32 leave the same state, so together they are at most 100 %; make one smaller',
  ],
  [
    ({ filter }) => filter !== undefined && Object.values(filter).every((value) => value === undefined),
    'an empty filter matches nothing in particular; name peer, port or protocol, or leave the filter out',
  ],
  [
    ({ filter }) => filter?.peer !== undefined && !isPeerAddress(filter.peer),
    'the peer is no IP address; write it like 10.0.0.7, 10.0.0.0/8 or fd00::7 (names are not looked up)',
  ],
  [
    ({ filter }) => filter?.port !== undefined && filter.protocol === 'icmp',
    'ICMP has no ports; leave out the port or choose tcp or udp',
  ],
]

/** @throws NetemError `bad-impairment` with every reason found. */
export function parseImpairment(input: unknown): Impairment {
  const parsed = v.safeParse(impairmentSchema, input)
  if (!parsed.success) throw refusal(parsed.issues.map((issue) => describeIssue(issue)))
  const found = contradictions.filter(([holds]) => holds(parsed.output)).map(([, reason]) => reason)
  if (found.length > 0) throw refusal(found)
  return parsed.output
}

/** The messages of `impairment.ts` name what they are about; those of the library get the place before them. */
export function describeIssue(issue: v.BaseIssue<unknown>, thing = 'an impairment'): string {
  const place = issue.path?.map(({ key }) => String(key)).join('.') ?? ''
  if (issue.type === 'strict_object') {
    if (issue.expected === 'never') return `"${place}" is no field of ${thing}`
    // A missing field is expected by its quoted name, a wrong type as "Object".
    if (issue.expected?.startsWith('"')) return `"${place}" is missing`
    return `${place === '' ? 'it' : `"${place}"`} is ${issue.received}, not an object with fields`
  }
  return issue.type === 'variant' ? `${place}: ${issue.message}` : issue.message
}

function refusal(reasons: readonly string[]): NetemError {
  return new NetemError('bad-impairment', `Cannot use this impairment: ${reasons.join('; ')}`)
}
