import { expect, test } from 'vitest'
import { isTooDeep } from './nesting.ts'

const nested = (levels: number, inner = ''): string => '['.repeat(levels) + inner + ']'.repeat(levels)

test('text nests too deep beyond what Python parses, whatever its strings hold', () => {
  expect(isTooDeep(nested(900))).toBe(false)
  expect(isTooDeep(nested(1000))).toBe(true)
  expect(isTooDeep('{"a":'.repeat(1000))).toBe(true)
  expect(isTooDeep(JSON.stringify(['['.repeat(5000), '\\"['.repeat(5000)]))).toBe(false)
  expect(isTooDeep(`["a\\\\",${nested(1000)}]`)).toBe(true)
  expect(isTooDeep(`[${'[],'.repeat(5000)}[]]`)).toBe(false)
  expect(isTooDeep(`"${'x'.repeat(2000)}`)).toBe(false)
})

test('a text of escaped quotes is read in time that grows with its length', () => {
  const began = performance.now()
  expect(isTooDeep(`["${'\\'.repeat(1_000_000)}"]`)).toBe(false)
  expect(performance.now() - began).toBeLessThan(1000)
})
