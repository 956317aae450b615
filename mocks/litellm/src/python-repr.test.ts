/** Plain data in Python's words. */
import { expect, test } from 'vitest'
import { pythonFloat, pythonRepr } from './python-repr.ts'

test.for([
  [undefined, 'None'],
  [true, 'True'],
  [3, '3'],
  ['plain', "'plain'"],
  ["it's", '"it\'s"'],
  [`both ' and "`, `'both \\' and "'`],
  ['line\nend', "'line\\nend'"],
  [[{ a: ['b'] }, null], "[{'a': ['b']}, None]"],
] as const)('%j is %s', ([value, text]) => {
  expect(pythonRepr(value)).toBe(text)
})

test('a float always shows its point', () => {
  expect([pythonFloat(30), pythonFloat(0.4)]).toEqual(['30.0', '0.4'])
})
