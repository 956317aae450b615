import { expect, test } from 'vitest'
import { parseImpairment } from './validate.ts'

test.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /it is undefined, not an object/],
  ['a text', 'delay 5ms', /it is "delay 5ms", not an object/],
  ['an effect that is no object', { delay: 5 }, /"delay" is 5, not an object/],
  ['a missing field', { delay: { jitterMs: 5 } }, /"delay.meanMs" is missing/],
  ['a field that does not exist', { delay: { meanMs: 5, jiter: 1 } }, /"delay.jiter" is no field/],
  ['an effect that does not exist', { dely: { meanMs: 5 } }, /"dely" is no field/],
  ['an unknown kind of loss', { loss: { kind: 'sometimes' } }, /loss\.kind: .*"random"/],
  ['not a number', { delay: { meanMs: Number.NaN } }, /the delay is a/],
  ['infinite', { delay: { meanMs: Number.POSITIVE_INFINITY } }, /the delay is/],
  [
    'a cell overhead without cell',
    { rate: { bitsPerSecond: 8, cellOverheadBytes: 5 } },
    /needs the size of a cell/,
  ],
  [
    'cells of negative length',
    { rate: { bitsPerSecond: 8, cellBytes: 5, cellOverheadBytes: -6 } },
    /takes off more/,
  ],
  ['an empty filter', { delay: { meanMs: 1 }, filter: {} }, /an empty filter/],
])('%s is refused', (_name, input, reason) => {
  expect(() => parseImpairment(input)).toThrow(reason)
})

test('all reasons are told at once', () => {
  const input = { loss: { kind: 'random', percent: 110 }, delay: { meanMs: -5 } }
  expect(() => parseImpairment(input)).toThrow(
    'Cannot use this impairment: the delay is -5 ms, but at least 0 ms is possible; ' +
      'the loss is 110 %, but at most 100 % is possible',
  )
})
