/** The diff rule against the client's own way of applying it. */
import { expect, test } from 'vitest'
import { diff } from './diff.ts'

test.each([
  ['equal values', { a: [1, 'x'] }, { a: [1, 'x'] }, []],
  ['a text that grew', 'ab', 'abc', [['append', [], 'c']]],
  ['another text', 'ab', 'b', [['replace', [], 'b']]],
  ['another type', 'ab', null, [['replace', [], null]]],
  ['a longer list', [1], [1, 2], [['add', [1], 2]]],
  [
    'a shorter list',
    [1, 2, 3],
    [1],
    [
      ['delete', [1], null],
      ['delete', [2], null],
    ],
  ],
  [
    'keys',
    { a: 1, b: 2 },
    { a: 3, c: 4 },
    [
      ['replace', ['a'], 3],
      ['delete', ['b'], null],
      ['add', ['c'], 4],
    ],
  ],
])('%s', (_name, before, after, edits) => {
  expect(diff(before, after)).toEqual(edits)
})
