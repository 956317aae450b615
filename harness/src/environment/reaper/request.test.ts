/** The reaper's protocol: what Ryuk's clients send, and our own additions. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Claim } from './claims.ts'
import { parseDuration } from './duration.ts'
import { formatRequest, parseRequest, type ReaperRequest } from './request.ts'
import type { Undo } from './undo/undo.ts'

test('the line of testcontainers 12, which does not encode its second "="', () => {
  const line = 'label=org.testcontainers.session-id=0f1e\r\n'
  expect(parseRequest(line)).toEqual({ kind: 'filter', labels: ['org.testcontainers.session-id=0f1e'] })
})

test('several labels of one line are one filter', () => {
  expect(parseRequest('label=a%3D1&label=b%3D2')).toEqual({ kind: 'filter', labels: ['a=1', 'b=2'] })
})

test('what is not understood is no request', () => {
  expect(['', 'label=', 'lease=soon', 'name=x', 'claim=1&of=x'].map(parseRequest)).toEqual(
    Array(5).fill(undefined),
  )
})

test('an intent whose undo is not known in full is refused', () => {
  const bad = [
    'no JSON',
    '{"kind":"format-disk","unit":"comfyui"}',
    '{"kind":"toString","unit":"comfyui"}',
    '{"kind":"unpause","unit":"../comfyui"}',
    '{"kind":"unpause"}',
    '{"kind":"disarm","unit":"comfyui","port":8199}',
    '{"kind":"limits","unit":"comfyui","limits":{"Privileged":1}}',
    '{"kind":"limits","unit":"comfyui","limits":{"CpuQuota":"1"}}',
  ]
  const read = bad.map((undo) => parseRequest(new URLSearchParams({ intend: '1', undo }).toString()))
  expect(read).toEqual(bad.map(() => undefined))
})

test('every request survives being written and read', () => {
  const text = fc.string({ minLength: 1, unit: 'grapheme' })
  const unit = fc.constantFrom('comfyui', 'a-b', 'x9')
  const undo: fc.Arbitrary<Undo> = fc.oneof(
    fc.record({
      kind: fc.constantFrom('unpause' as const, 'restart' as const, 'remove' as const),
      unit,
    }),
    fc.record({ kind: fc.constant('disarm' as const), unit, port: fc.nat(), token: text }),
    fc.record({
      kind: fc.constant('limits' as const),
      unit,
      limits: fc.record({ CpuQuota: fc.integer(), Memory: fc.nat() }, { requiredKeys: [] }),
    }),
  )
  const claim: fc.Arbitrary<Claim> = fc.record(
    { unit, fault: text, claim: text, forMs: fc.nat() },
    { requiredKeys: ['unit', 'fault'] },
  )
  const request: fc.Arbitrary<ReaperRequest> = fc.oneof(
    fc.record({ kind: fc.constant('filter' as const), labels: fc.array(text, { minLength: 1 }) }),
    fc.record({ kind: fc.constant('lease' as const), ms: fc.nat() }),
    fc.record({ kind: fc.constant('process' as const), owner: text, unit: text }),
    fc.record({ kind: fc.constant('alive' as const), ttlMs: fc.nat() }),
    fc.record({ kind: fc.constant('intend' as const), id: text, undo }),
    fc.record({ kind: fc.constant('withdraw' as const), id: text }),
    fc.record({ kind: fc.constant('claim' as const), id: text, claim }),
    fc.record({ kind: fc.constant('unclaim' as const), id: text }),
    fc.record({ kind: fc.constantFrom('done' as const, 'list' as const, 'recall' as const) }),
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
