import { expect, test } from 'vitest'
import { applyDiff } from './output-diff.ts'

test('an empty list of edits leaves an output as it is', () => {
  expect(applyDiff(['a', { b: 1 }], [[], []])).toEqual(['a', { b: 1 }])
})

test('replaces, appends, adds and deletes, at the root and deep', () => {
  const before = ['text', { list: [1, 2, 3], gone: true, name: 'x' }, [{ n: 1 }]]
  const edits = [
    [['append', [], ' goes on']],
    [
      ['replace', ['list', 0], 9],
      ['add', ['list', 1], 8],
      ['delete', ['list', 3], null],
      ['delete', ['gone'], null],
      ['append', ['name'], 'y'],
      ['add', ['new'], true],
    ],
    [['replace', [0, 'n'], 2]],
  ]
  expect(applyDiff(before, edits)).toEqual([
    'text goes on',
    { list: [9, 8, 2], name: 'xy', new: true },
    [{ n: 2 }],
  ])
  expect(before[1]).toEqual({ list: [1, 2, 3], gone: true, name: 'x' })
})
