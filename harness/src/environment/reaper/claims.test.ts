/** Claims: one per unit and kind of claim, whoever asks, until it is given back. */
import { expect, test } from 'vitest'
import { type Claim, openClaims, parseClaim } from './claims.ts'

const pause: Claim = { unit: 'comfyui', claim: 'life of the process', fault: 'pause of comfyui', forMs: 1000 }

function holder(): { recalled: number; recall(): void } {
  return {
    recalled: 0,
    recall() {
      this.recalled++
    },
  }
}

test('the second of two rivals is told who was first, also by the same client', () => {
  const claims = openClaims()
  const [a, b] = [holder(), holder()]
  expect(claims.take(a, '1', pause)).toBeUndefined()
  const kill = { ...pause, fault: 'kill of comfyui' }
  expect(claims.take(b, '1', kill)).toMatchObject({ fault: 'pause of comfyui', forMs: 1000 })
  expect(claims.take(a, '2', kill)).toMatchObject({ fault: 'pause of comfyui' })
  expect(claims.list().map(({ fault }) => fault)).toEqual(['pause of comfyui'])
  claims.giveBack(a, '1')
  expect(claims.take(b, '2', kill)).toBeUndefined()
})

test('other units, other claims and faults without a claim get along', () => {
  const claims = openClaims()
  const [a, b] = [holder(), holder()]
  const protocol: Claim = { unit: 'comfyui', fault: 'drop at comfyui.ws.status' }
  const others = [{ ...pause, unit: 'wan2gp' }, { ...pause, claim: 'cpu' }, protocol, protocol]
  expect(claims.take(a, '0', pause)).toBeUndefined()
  expect(others.map((claim, index) => claims.take(b, String(index), claim))).toEqual(
    others.map(() => undefined),
  )
  expect(claims.list()).toHaveLength(5)
  claims.giveBackAll(b)
  expect(claims.list()).toHaveLength(1)
})

test('only who holds a claim is asked to heal', () => {
  const claims = openClaims<ReturnType<typeof holder>>()
  const [a, b] = [holder(), holder()]
  claims.take(a, '1', pause)
  claims.take(b, '1', { ...pause, unit: 'wan2gp' })
  claims.giveBack(b, '1')
  claims.recall()
  expect([a.recalled, b.recalled]).toEqual([1, 0])
})

test('a claim is read with its types, or not at all', () => {
  expect(parseClaim(JSON.stringify(pause))).toEqual(pause)
  const bad = ['no JSON', '{}', '{"unit":"a"}', '{"unit":"a","fault":"b","forMs":"1"}']
  expect(bad.map(parseClaim)).toEqual(bad.map(() => undefined))
})
