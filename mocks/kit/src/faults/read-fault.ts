/**
 * Reads faults from JSON that a person or another program has written. Everything is checked before anything is
 * armed; the message says where it is wrong and what would be right.
 */
import * as v from 'valibot'
import { TwinError } from '../errors.ts'
import type { Fault } from './fault.ts'
import { actionsOfPoint, type PointCatalog, pointsNamed, takes } from './point.ts'

/** No wait is longer than a day; beyond 2^31 ms a timer would fire at once. */
const delayMsMax = 86_400_000

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000))
const bytes = v.pipe(v.number(), v.integer(), v.minValue(0))

const action = v.variant('kind', [
  v.strictObject({ kind: v.literal('drop') }),
  v.strictObject({
    kind: v.literal('delay'),
    ms: v.pipe(v.number(), v.minValue(0), v.maxValue(delayMsMax)),
  }),
  v.strictObject({ kind: v.literal('duplicate'), times: v.exactOptional(v.pipe(count, v.maxValue(1000))) }),
  v.strictObject({ kind: v.literal('reorder'), by: v.exactOptional(count) }),
  v.strictObject({
    kind: v.literal('status'),
    status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
    body: v.exactOptional(v.unknown()),
    headers: v.exactOptional(
      v.record(
        v.pipe(v.string(), v.regex(/^[\w-]+$/), v.check(isFreeHeader, 'is set by the server itself')),
        v.pipe(v.string(), v.regex(/^[\t\x20-\x7e]*$/)),
      ),
    ),
  }),
  v.strictObject({ kind: v.literal('cut'), afterBytes: v.exactOptional(bytes) }),
  v.strictObject({ kind: v.literal('corrupt') }),
  v.strictObject({
    kind: v.literal('close'),
    code: v.exactOptional(
      v.pipe(v.number(), v.integer(), v.check(isCloseCode, 'is no WebSocket close code')),
    ),
  }),
  v.strictObject({ kind: v.literal('reset') }),
  v.strictObject({ kind: v.literal('stall'), afterBytes: v.exactOptional(bytes) }),
  v.strictObject({ kind: v.literal('fail'), as: v.string() }),
  v.strictObject({
    kind: v.literal('crash'),
    exitCode: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
  }),
])

const fault = v.strictObject({
  point: v.string(),
  action,
  when: v.exactOptional(
    v.strictObject({
      match: v.exactOptional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null()]))),
      nth: v.exactOptional(count),
      every: v.exactOptional(count),
      probability: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
      times: v.exactOptional(count),
    }),
  ),
})

/** Headers that frame the message: with a wrong one Node throws, or the answer cannot be told from the next. */
function isFreeHeader(name: string): boolean {
  return !['connection', 'content-length', 'trailer', 'transfer-encoding', 'upgrade'].includes(
    name.toLowerCase(),
  )
}

/** 1000, 1001 to 1014 without the ones that never go over the wire, and the private ranges (RFC 6455, 7.4). */
function isCloseCode(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)
  )
}

/** One fault or a list of them. Throws TwinError `bad-fault` for the first thing that is wrong. */
export function readFaults(input: unknown, points: PointCatalog): Fault[] {
  const list = Array.isArray(input) ? (input as unknown[]) : [input]
  return list.map((entry, index) => readFault(entry, points, Array.isArray(input) ? `[${index}].` : ''))
}

function readFault(input: unknown, points: PointCatalog, place: string): Fault {
  const parsed = v.safeParse(fault, input)
  if (!parsed.success) {
    // A misspelt field is missing under its right name as well; the misspelling is what helps.
    const issue = parsed.issues.find(isSurplus) ?? parsed.issues[0]
    const path = v.getDotPath(issue)
    throw refusal(path === null ? place.slice(0, -1) : `${place}${path}`, stateOf(issue))
  }
  const read = parsed.output as Fault
  refuseLostKeys(input, read, place)
  refuseWrongPoint(read, points, place)
  return read
}

function isSurplus({ kind, expected }: v.BaseIssue<unknown>): boolean {
  return kind === 'schema' && expected === 'never'
}

/** What the schema library says of fields is about its types. */
function stateOf(issue: v.BaseIssue<unknown>): string {
  if (issue.kind !== 'schema') return issue.message
  if (isSurplus(issue)) return 'is no field of a fault; correct its name'
  if (issue.received === 'undefined') return 'is missing'
  const expected = issue.expected?.replace(/^\((.*)\)$/, '$1').replaceAll(' | ', ', ')
  return `is ${issue.received}; give ${expected ?? 'another'}`
}

/** The schema library leaves names of prototypes out in silence; a condition that is lost would hit everything. */
function refuseLostKeys(input: unknown, { when }: Fault, place: string): void {
  const { match: given = {} } = (input as { readonly when?: { readonly match?: object } }).when ?? {}
  const lost = Object.keys(given).find((key) => !Object.hasOwn(when?.match ?? {}, key))
  if (lost !== undefined) throw refusal(`${place}when.match.${lost}`, 'no point has such a fact')
}

function refuseWrongPoint({ point, action: wanted, when }: Fault, points: PointCatalog, place: string): void {
  const named = pointsNamed(point, points)
  if (named.length === 0) {
    throw refusal(`${place}point`, `no point is called '${point}'; ${nearest(point, points)}`)
  }
  const takers = named.filter((name) => takes(points, name, wanted.kind))
  if (takers.length === 0) {
    const possible = [...new Set(named.flatMap((name) => actionsOfPoint(points, name)))].join(', ')
    throw refusal(`${place}action.kind`, `${point} cannot '${wanted.kind}'; it takes ${possible}`)
  }
  if (wanted.kind === 'fail') {
    const known = takers.flatMap((name) => Object.keys(points[name]?.fails ?? {}))
    if (!known.includes(wanted.as)) {
      throw refusal(`${place}action.as`, `${point} cannot fail as '${wanted.as}'; give ${known.join(', ')}`)
    }
  }
  for (const key of Object.keys(when?.match ?? {})) {
    const known = [...new Set(takers.flatMap((name) => points[name]?.match ?? []))]
    if (!known.includes(key)) {
      const offer = known.length === 0 ? 'leave match out' : `it knows ${known.join(', ')}`
      throw refusal(`${place}when.match.${key}`, `${point} has no such fact; ${offer}`)
    }
  }
}

/** Points whose name shares a word with what was asked for, or all areas. */
function nearest(point: string, points: PointCatalog): string {
  const words = point.split(/[.*-]/).filter((word) => word.length > 2)
  const close = Object.keys(points).filter((name) => words.slice(1).some((word) => name.includes(word)))
  if (close.length > 0) return `did you mean ${close.slice(0, 3).join(' or ')}?`
  const areas = new Set(Object.keys(points).map((name) => `${name.split('.').slice(0, 2).join('.')}.*`))
  return `the areas are ${[...areas].join(', ')}`
}

function refusal(place: string, state: string): TwinError {
  return new TwinError('bad-fault', `Cannot arm the fault: ${place === '' ? 'it' : place}: ${state}`)
}
