/** The two things that are done with a message of DNS: reading what it asks, and answering it with a failure. */
import { decode, encode, type Packet, RECURSION_AVAILABLE } from 'dns-packet'
import { canonicalName } from './names-fault.ts'

/** RFC 1035 section 4.1.1 and RFC 2308: numbers of what went wrong. */
const failureCodes = { servfail: 2, nxdomain: 3 } as const

/** The names that are asked for; none for what cannot be read, which is somebody else's to judge. */
export function namesAsked(message: Buffer): string[] {
  try {
    return (decode(message).questions ?? []).map(({ name }) => canonicalName(name))
  } catch {
    return []
  }
}

/** @param query one that `namesAsked` could read */
export function failingAnswer(query: Buffer, failure: keyof typeof failureCodes): Buffer {
  const { id, questions, flags = 0 } = decode(query)
  return encode({
    type: 'response',
    ...(id === undefined ? {} : { id }),
    flags: (flags & recursionDesired) | RECURSION_AVAILABLE | failureCodes[failure],
    questions: questions ?? [],
  } satisfies Packet)
}

/** RFC 1035 section 4.1.1: RD is copied from the question. */
const recursionDesired = 0x01_00
