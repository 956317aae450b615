import { expect, test } from 'vitest'
import { contentHash } from './content-hash.ts'

test('the order of the parts does not matter', () => {
  expect(contentHash({ a: '1', b: '2' })).toBe(contentHash({ b: '2', a: '1' }))
})

test.each([
  ['another content', { a: '1', b: '3' }],
  ['another name', { a: '1', c: '2' }],
  ['a part swallowed by the one before', { a: '1b\u00002' }],
  ['a part more', { a: '1', b: '2', c: '' }],
])('%s is another hash', (_, parts) => {
  expect(contentHash(parts)).not.toBe(contentHash({ a: '1', b: '2' }))
})

test('fits a tag', () => {
  expect(contentHash({ a: Buffer.from([0, 255]) })).toMatch(/^[0-9a-f]{12}$/)
})
