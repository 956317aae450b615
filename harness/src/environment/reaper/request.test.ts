/** The reaper's protocol: what Ryuk's clients send, and our own additions. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'
import { formatRequest, parseRequest, type ReaperRequest } from './request.ts'

test('the line of testcontainers 12, which does not encode its second "="', () => {
  const line = 'label=org.testcontainers.session-id=0f1e\r\n'
  expect(parseRequest(line)).toEqual({ kind: 'filter', labels: ['org.testcontainers.session-id=0f1e'] })
})

test('several labels of one line are one filter', () => {
  expect(parseRequest('label=a%3D1&label=b%3D2')).toEqual({ kind: 'filter', labels: ['a=1', 'b=2'] })
})

test('what is not understood is no request', () => {
  expect(['', 'label=', 'lease=soon', 'name=x'].map(parseRequest)).toEqual(Array(4).fill(undefined))
})

test('every request survives being written and read', () => {
  const text = fc.string({ minLength: 1, unit: 'grapheme' })
  const request: fc.Arbitrary<ReaperRequest> = fc.oneof(
    fc.record({ kind: fc.constant('filter' as const), labels: fc.array(text, { minLength: 1 }) }),
    fc.record({ kind: fc.constant('lease' as const), ms: fc.nat() }),
    fc.record({ kind: fc.constant('process' as const), owner: text }),
    fc.constant({ kind: 'done' } as const),
  )
  fc.assert(
    fc.property(request, (value) => {
      const line = formatRequest(value)
      expect(line.indexOf('\n')).toBe(line.length - 1)
      expect(parseRequest(line)).toEqual(value)
    }),
  )
})

test('durations are Go’s', () => {
  expect(['10s', '1m30s', '250ms', '1.5h'].map(parseDuration)).toEqual([10_000, 90_000, 250, 5_400_000])
  expect(['', '10', 's', undefined].map(parseDuration)).toEqual(Array(4).fill(undefined))
})
