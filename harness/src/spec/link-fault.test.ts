/** Harm to connections as part of a plan: what is taken, what is refused with which reason, what it is called. */
import { describe, expect, test } from 'vitest'
import { claimOf, faultName, isOutage } from './fault-plan.ts'
import { type LinkFault, linkFaultSchema, linkHarmOf } from './link-fault.ts'

const fault = (fields: object): LinkFault => linkFaultSchema.parse({ kind: 'link', ...fields })

describe('a link fault', () => {
  test("is netem's harm to a link, and read back from a run folder it is the same", () => {
    const fields = {
      direction: 'down',
      connections: 'new',
      probabilityPercent: 30,
      reset: { afterBytes: 9 },
      seed: 4,
    }
    const once = fault(fields)
    expect(linkHarmOf(once)).toEqual(fields)
    expect(linkFaultSchema.parse(JSON.parse(JSON.stringify(once)))).toEqual(once)
  })

  test.each([
    [{}, 'it names no effect'],
    [{ stall: {}, cut: {} }, 'a connection can meet one end only'],
    [{ delay: { meanMs: -5 } }, 'the delay is -5 ms'],
    [{ delay: 'a bit' }, 'not an object'],
    [{ probability: 5, stall: {} }, 'Unrecognized key'],
    [{ toward: 'moon', stall: {} }, 'toward'],
  ])('%j is refused', (fields, reason) => {
    const { error } = linkFaultSchema.safeParse({ kind: 'link', ...fields })
    expect(JSON.stringify(error?.issues)).toContain(reason)
  })

  test.each([
    [{ delay: { meanMs: 500, jitterMs: 20 } }, 'delay 500ms 20ms'],
    [{ rate: { bitsPerSecond: 1e6 }, direction: 'down' }, 'rate 1000000bit down'],
    [{ reset: { afterBytes: 1000 }, connections: 'open' }, 'reset after 1000b, open connections'],
    [{ stall: {}, probabilityPercent: 30, connections: 'new' }, 'stall, 30% of new connections'],
    [{ refuse: 'closed' }, 'port closed'],
    [{ cut: {}, toward: 'upstream' }, 'cut toward upstream'],
    [{ slice: { bytes: 7, gapMs: 10 }, slowClose: { ms: 5 } }, 'slices of 7b every 10ms slow close 5ms'],
  ])('%j is called %s', (fields, words) => {
    expect(faultName(fault(fields), 'comfyui')).toBe(`link of comfyui: ${words}`)
  })

  test.each([
    [{ stall: {} }, true],
    [{ reset: { afterBytes: 0 } }, true],
    [{ cut: {}, connections: 'all', probabilityPercent: 100 }, true],
    [{ stall: {}, probabilityPercent: 99 }, false],
    [{ stall: {}, connections: 'new' }, false],
    [{ reset: { afterMs: 5 } }, false],
    [{ cut: { afterBytes: 1 } }, false],
    [{ refuse: 'closed' }, false],
    [{ stall: {}, toward: 'upstream' }, false],
    [{ delay: { meanMs: 5 } }, false],
  ])('%j is an outage: %s', (fields, expected) => {
    expect(isOutage(fault(fields))).toBe(expected)
  })

  test('any number of them may be in force on one service', () => {
    expect(claimOf(fault({ stall: {} }))).toBeUndefined()
  })
})
