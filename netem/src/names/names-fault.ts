/** What a fault of names is: plain data. `parseNamesFault` is the way in. */
import * as v from 'valibot'
import { NetemError } from '../errors.ts'

/** A name server that takes longer has been given up by everybody: resolvers wait for 5 s and try again. */
const slowMsMax = 60_000

const slowIs = `slowMs is a whole number of 1 to ${slowMsMax} ms`
const failureIs = 'the failure is one of nxdomain, servfail, silence, or { "slowMs": MS }'

const namesFaultSchema = v.strictObject({
  /** As programs ask for them. Not case-sensitive; subdomains are other names. */
  names: v.pipe(
    v.array(
      v.pipe(
        v.string('a name is a text'),
        v.regex(/^[\w-]+(\.[\w-]+)*\.?$/, 'a name is like upstream or db.lan'),
      ),
    ),
    v.minLength(1, 'no name is named'),
  ),
  failure: v.union(
    [
      /** There is no such name. `servfail`: the server cannot tell. `silence`: it does not answer. */
      v.picklist(['nxdomain', 'servfail', 'silence']),
      /** The right answer, so much later. */
      v.strictObject({
        slowMs: v.pipe(
          v.number(slowIs),
          v.integer(slowIs),
          v.minValue(1, slowIs),
          v.maxValue(slowMsMax, slowIs),
        ),
      }),
    ],
    failureIs,
  ),
})

export type NamesFault = v.InferOutput<typeof namesFaultSchema>
export type NameFailure = NamesFault['failure']

/** @throws NetemError `bad-impairment` */
export function parseNamesFault(input: unknown): NamesFault {
  const parsed = v.safeParse(namesFaultSchema, input)
  if (parsed.success) return parsed.output
  const reasons = parsed.issues.map(({ message, path }) => {
    const place = path?.map(({ key }) => String(key)).join('.') ?? ''
    return message.startsWith('Invalid') ? `"${place}": ${message}` : message
  })
  throw new NetemError('bad-impairment', `Cannot use this fault of names: ${reasons.join('; ')}`)
}

/** Both ends of a comparison in one shape. */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

/** As one line, for receipts and people. */
export function writeNamesFault({ names, failure }: NamesFault): string {
  const how = typeof failure === 'string' ? failure : `${failure.slowMs} ms late`
  return `${how} for ${names.join(', ')}`
}
