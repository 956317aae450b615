/** What the comparison finds, and what it forgives. */
import { expect, test } from 'vitest'
import { check, differencesOf, having, including, listOf, matching, number, show, text } from './compare.ts'

test.each([
  ['equal data', { a: [1, { b: null }] }, { a: [1, { b: null }] }],
  ['rules', { id: 'x-1', at: 5, tags: ['a'] }, { id: matching(/^x-\d$/), at: number, tags: listOf(text) }],
  ['more members than asked for', { a: 1, b: 2 }, having({ a: 1 })],
  ['one of many', [{ a: 1 }, { a: 2, b: 3 }], including(having({ a: 2 }))],
])('%s: no difference', (_name, got, expected) => {
  expect(differencesOf(got, expected, 'x')).toEqual([])
})

test.each([
  ['a value', { a: 1 }, { a: 2 }, { path: 'x.a', expected: '2', got: '1' }],
  ['a kind', '5', number, { path: 'x', expected: 'a number', got: '"5"' }],
  ['a missing member', {}, { a: 1 }, { path: 'x.a', expected: '1', got: 'nothing' }],
  ['a member too many', { a: 1 }, {}, { path: 'x.a', expected: 'nothing', got: '1' }],
  ['an item too many', [1, 2], [1], { path: 'x[1]', expected: 'nothing', got: '2' }],
  [
    'an item of another kind',
    ['a', 1],
    listOf(text),
    { path: 'x', expected: 'a list of a text', got: '["a",1]' },
  ],
  ['an object where a list must be', {}, [1], { path: 'x', expected: '[1]', got: '{}' }],
  ['null where an object must be', null, having({ a: 1 }), { path: 'x', expected: 'an object', got: 'null' }],
])('%s: one difference', (_name, got, expected, difference) => {
  expect(differencesOf(got, expected, 'x')).toEqual([difference])
})

test('every difference is named, in one error', () => {
  const wrong = () => check('body', { a: 1, b: 2 }, { a: 2, b: matching(/x/) })
  expect(wrong).toThrow('body.a: expected 2, got 1\nbody.b: expected a text like /x/, got 2')
})

test('long values are cut', () => {
  expect(show('x'.repeat(1000)).length).toBeLessThan(310)
})
