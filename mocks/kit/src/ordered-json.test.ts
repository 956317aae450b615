/** Keys stay where the text has them, and the rest is as `JSON.parse` reads it. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseInOrder } from './ordered-json.ts'

const parse = (text: string) => parseInOrder(text, Number)

test.each([
  ['{"9":1,"3":2,"10":3}', ['9', '3', '10']],
  ['{"a":1,"3":2,"b":3,"1":4}', ['a', '3', 'b', '1']],
  ['{"3":1,"9":2,"a":3}', ['3', '9', 'a']],
  ['{"2":1,"1":2,"2":3}', ['2', '1']],
  ['{"01":1,"1":2}', ['01', '1']],
])('%s has the keys %j', (text, keys) => {
  const value = parse(text) as Record<string, unknown>
  expect(Object.keys(value)).toEqual(keys)
  const members = keys.map((key) => `"${key}":${String(value[key])}`)
  expect(JSON.stringify(value)).toBe(`{${members.join(',')}}`)
  expect(Object.keys({ ...value })).toHaveLength(keys.length)
})

test('a later key comes last, a removed one is gone', () => {
  const value = parse('{"9":1,"3":2}') as Record<string, unknown>
  value['1'] = 3
  delete value['9']
  expect(Object.entries(value)).toEqual([
    ['3', 2],
    ['1', 3],
  ])
})

test('every value is as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 3 }), (value, spaces) => {
      const text = JSON.stringify({ 7: value, a: [value], 3: { 2: value, 1: null } }, null, spaces)
      expect(parse(text)).toEqual(JSON.parse(text))
    }),
  )
})

test.each(['{"1":}', '{"1":1', '', 'nope', '{"1":1}}'])('%j is refused', (text) => {
  expect(() => parse(text)).toThrow(SyntaxError)
})

test('numbers are read as the caller wants them', () => {
  expect(parseInOrder('{"2":10000000000000000001,"1":[1.50]}', (source) => source)).toEqual({
    2: '10000000000000000001',
    1: ['1.50'],
  })
})
