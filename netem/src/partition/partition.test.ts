import { expect, test } from 'vitest'
import { parsePartition, writePartition } from './partition.ts'

test('every field, and as text', () => {
  const partition = {
    peers: ['10.0.0.7', 'fd00::/8'],
    direction: 'out',
    how: 'reject',
    flap: { periodMs: 1000, dutyPercent: 30 },
  }
  expect(parsePartition(partition)).toEqual(partition)
  expect(writePartition(parsePartition(partition))).toBe(
    'reject out 10.0.0.7, fd00::/8 for 30% of every 1000 ms',
  )
  expect(writePartition(parsePartition({ peers: 'everybody', how: 'drop' }))).toBe('drop both everybody')
})

test.each<[unknown, RegExp]>([
  [{ peers: 'nobody', how: 'drop' }, /a list of addresses, or everybody/],
  [{ peers: [], how: 'drop' }, /no peer is named/],
  [{ peers: ['litellm'], how: 'drop' }, /the peer litellm is no IP address/],
  [{ peers: ['10.0.0.0/33'], how: 'drop' }, /10\.0\.0\.0\/33 is no IP address/],
  [{ peers: 'everybody', how: 'mangle' }, /one of drop, reject/],
  [{ peers: 'everybody' }, /"how"/],
  [{ peers: 'everybody', how: 'drop', direction: 'up' }, /one of in, out, both/],
  [{ peers: 'everybody', how: 'drop', flap: { periodMs: 49, dutyPercent: 50 } }, /at least 50 ms/],
  [{ peers: 'everybody', how: 'drop', flap: { periodMs: 500, dutyPercent: 100 } }, /at most 99 %/],
  [{ peers: 'everybody', how: 'drop', flip: 1 }, /"flip"/],
  ['everybody', /Cannot use this partition/],
])('%j is refused', (input, reason) => {
  expect(() => parsePartition(input)).toThrow(
    expect.objectContaining({ code: 'bad-impairment', message: expect.stringMatching(reason) }),
  )
})
