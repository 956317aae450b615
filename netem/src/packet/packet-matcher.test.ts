import { describe, expect, test } from 'vitest'
import type { PacketFilter } from '../spec/impairment.ts'
import { Frame } from './frame.ts'
import { addressBytes, packetMatcher } from './packet-matcher.ts'
import { type FrameOptions, makeFrame } from './testing-frames.ts'

const base: FrameOptions = {
  from: '10.1.2.3',
  to: '10.9.8.7',
  protocol: 'tcp',
  ports: [51_000, 8188],
  payload: new Uint8Array(10),
}

function matches(
  filter: PacketFilter,
  options: Partial<FrameOptions>,
  direction: 'in' | 'out' = 'out',
): boolean {
  const bytes = makeFrame({ ...base, ...options })
  return packetMatcher(filter, direction)(bytes, read(bytes))
}

function read(bytes: Uint8Array): Frame {
  const frame = new Frame()
  frame.read(bytes, 0, bytes.length)
  return frame
}

describe.each([
  ['IPv4', {}],
  ['IPv4 with a VLAN tag', { vlan: true }],
  ['IPv6', { from: 'fd00::3', to: 'fd00:1::7' }],
] as const)('%s', (_name, options) => {
  test('port, on either side', () => {
    expect(matches({ port: 8188 }, options)).toBe(true)
    expect(matches({ port: 8188 }, { ...options, ports: [8188, 51_000] })).toBe(true)
    expect(matches({ port: 8189 }, options)).toBe(false)
  })

  test('protocol', () => {
    expect(matches({ protocol: 'tcp' }, options)).toBe(true)
    expect(matches({ protocol: 'udp' }, options)).toBe(false)
    expect(matches({ protocol: 'icmp' }, options)).toBe(false)
    expect(matches({ protocol: 'udp', port: 8188 }, { ...options, protocol: 'udp' })).toBe(true)
  })
})

test('the peer is the destination of what is sent and the source of what is received', () => {
  expect(matches({ peer: '10.9.8.7' }, {}, 'out')).toBe(true)
  expect(matches({ peer: '10.9.8.7' }, {}, 'in')).toBe(false)
  expect(matches({ peer: '10.1.2.3' }, {}, 'in')).toBe(true)
})

test.each<[string, boolean]>([
  ['10.0.0.0/8', true],
  ['10.9.8.4/30', true],
  ['10.9.8.8/30', false],
  ['0.0.0.0/0', true],
  ['fd00::/8', false],
])('prefix %s of 10.9.8.7: %s', (peer, expected) => {
  expect(matches({ peer }, {})).toBe(expected)
})

test.each<[string, boolean]>([
  ['fd00:1::/32', true],
  ['fd00:1::7', true],
  ['fd00:2::/32', false],
  ['::/0', true],
  ['10.0.0.0/8', false],
])('prefix %s of fd00:1::7: %s', (peer, expected) => {
  expect(matches({ peer }, { from: 'fd00::3', to: 'fd00:1::7' })).toBe(expected)
})

test('addresses', () => {
  expect([...addressBytes('1.2.3.4')]).toEqual([1, 2, 3, 4])
  expect([...addressBytes('::')]).toEqual(Array(16).fill(0))
  expect([...addressBytes('::ffff:1.2.3.4')]).toEqual([...Array(10).fill(0), 0xff, 0xff, 1, 2, 3, 4])
  expect([...addressBytes('1:2:3:4:5:6:7:8')]).toEqual([0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8])
})

test('a later fragment has no ports', () => {
  const bytes = makeFrame(base)
  bytes[14 + 7] = 185 // offset 1480
  expect(packetMatcher({ port: 8188 }, 'out')(bytes, read(bytes))).toBe(false)
  expect(packetMatcher({ protocol: 'tcp' }, 'out')(bytes, read(bytes))).toBe(true)
})

test('ARP, nonsense and frames cut short match no filter and every absent one', () => {
  const arp = new Uint8Array(42)
  arp.set([0x08, 0x06], 12)
  const cut = makeFrame(base).subarray(0, 20)
  for (const bytes of [arp, cut, new Uint8Array(3), new Uint8Array(0)]) {
    expect(packetMatcher({ port: 8188 }, 'in')(bytes, read(bytes))).toBe(false)
    expect(packetMatcher({ peer: '0.0.0.0/0' }, 'in')(bytes, read(bytes))).toBe(false)
    expect(packetMatcher(undefined, 'in')(bytes, read(bytes))).toBe(true)
  }
})
