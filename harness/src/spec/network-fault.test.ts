import { describe, expect, test } from 'vitest'
import { claimOf, faultName, isOutage } from './fault-plan.ts'
import { impairmentsOf, type NetworkFault, networkFaultSchema, peersOf } from './network-fault.ts'

const fault = (impair: unknown): NetworkFault => networkFaultSchema.parse({ kind: 'network', impair })

describe('an impairment in a plan', () => {
  test.each([
    ['loss 110%', 'the loss is 110 %, but at most 100 % is possible'],
    ['delay -5ms', 'the delay is -5 ms, but at least 0 ms is possible'],
    [
      { delay: { meanMs: -1 }, loss: { kind: 'random', percent: 110 } },
      /the delay is -1 ms.*; the loss is 110 %/,
    ],
    [{ preset: '5g' }, 'there is no preset 5g; use one of 3g, slow-3g'],
    [{ preset: '3g', limitPackets: 5 }, '"limitPackets" does not go with a preset'],
    ['delay 5ms peer nowhere', 'the peer is no IP address'],
    ['delay 5ms,', 'it names no effect'],
    ['delay 5ms, loss 101%, delay 6ms, loss 102%', /101 %.*; .*102 %/],
    [{ delay: { meanMs: 5 }, direction: 'up' }, 'the direction is one of in, out, both'],
    [undefined, 'is missing'],
    [7, 'not an object'],
  ])('%j is refused: %s', (impair, why) => {
    const refused = networkFaultSchema.safeParse({ kind: 'network', impair })
    expect(refused.error?.issues.map(({ path }) => path.join('.'))).toEqual(['impair'])
    expect(refused.error?.issues[0]?.message).toMatch(why)
  })

  test('several in one text, and a preset, are all in force', () => {
    const both = fault('delay 5ms direction in, loss 1%')
    expect(impairmentsOf(both.impair, String)).toHaveLength(2)
    expect(impairmentsOf({ preset: '3g' }, String)).toHaveLength(2)
  })

  test('a unit of the run may be named as a peer, in both forms', () => {
    const addressOf = (unit: string): string => (unit === 'upstream' ? '10.0.0.7' : '10.0.0.8')
    expect(impairmentsOf('delay 5ms peer upstream', addressOf)[0]?.filter?.peer).toBe('10.0.0.7')
    const asObject = { delay: { meanMs: 5 }, filter: { peer: 'litellm' } }
    expect(impairmentsOf(asObject, addressOf)[0]?.filter?.peer).toBe('10.0.0.8')
    expect(peersOf(asObject)).toEqual(['litellm'])
    expect(peersOf('delay 5ms peer fd00::7')).toEqual([])
  })

  test('read back from a run folder it is the same', () => {
    for (const impair of ['delay 5ms', { preset: 'dsl' }, { loss: { kind: 'every-nth', nth: 3 } }]) {
      const once = fault(impair)
      expect(networkFaultSchema.parse(JSON.parse(JSON.stringify(once)))).toEqual(once)
    }
  })
})

describe('a network fault among others', () => {
  test('it is called by what it does', () => {
    expect(faultName(fault(' delay   500ms '), 'comfyui')).toBe('network of comfyui: delay 500ms')
    expect(faultName(fault({ preset: 'dsl' }), 'comfyui')).toBe('network of comfyui: dsl')
    expect(faultName(fault({ loss: { kind: 'random', percent: 50 } }), 'wan2gp')).toBe(
      'network of wan2gp: loss 50%',
    )
  })

  test('only a loss of everything is an outage, and it holds the packets, not the process', () => {
    expect(isOutage(fault('loss 50%'))).toBe(false)
    expect(isOutage(fault('loss 100% port 80'))).toBe(false)
    expect(isOutage(fault('loss 100%'))).toBe(true)
    expect(claimOf(fault('loss 100%'))).toBe('packets')
  })
})
