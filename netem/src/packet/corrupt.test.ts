import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kernelSeed, PacketRandom } from '../model/random.ts'
import { flipAnyBit, flipPayloadBit } from './corrupt.ts'
import { Frame } from './frame.ts'
import { makeFrame, transportChecksum } from './testing-frames.ts'

const random = () => new PacketRandom(kernelSeed(1, 'test'))

function differences(one: Uint8Array, other: Uint8Array): number[] {
  return [...one.keys()].filter((at) => one[at] !== other[at])
}

test('one bit anywhere', () => {
  const draws = random()
  const places = new Set<number>()
  for (let count = 0; count < 2000; count++) {
    const bytes = new Uint8Array(40)
    expect(flipAnyBit(bytes, 10, 40, draws)).toBe(true)
    const [at, ...more] = differences(bytes, new Uint8Array(40))
    expect(more).toEqual([])
    expect([1, 2, 4, 8, 16, 32, 64, 128]).toContain(bytes[at ?? 0])
    places.add(at ?? -1)
  }
  expect([...places].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => index + 10))
})

describe.each([
  ['udp', 'IPv4', '10.0.0.1', '10.0.0.2', 34],
  ['tcp', 'IPv4', '10.0.0.1', '10.0.0.2', 34],
  ['udp', 'IPv6', 'fd00::1', 'fd00::2', 54],
  ['tcp', 'IPv6', 'fd00::1', 'fd00::2', 54],
] as const)('%s over %s with the checksum fixed', (protocol, _family, from, to, transportAt) => {
  const headerBytes = protocol === 'tcp' ? 20 : 8

  test('the payload is damaged by one bit and the checksum is right', () => {
    const draws = random()
    const payload = fc.uint8Array({ minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(payload, (bytes) => {
        const frame = makeFrame({ from, to, protocol, ports: [1, 2], payload: bytes, paddingBytes: 5 })
        const damaged = Uint8Array.from(frame)
        const fields = new Frame()
        fields.read(damaged, 0, damaged.length)
        expect(flipPayloadBit(damaged, fields, draws)).toBe(true)
        const payloadAt = transportAt + headerBytes
        const inPayload = differences(frame, damaged).filter((at) => at >= payloadAt)
        expect(inPayload).toHaveLength(1)
        expect(inPayload[0]).toBeLessThan(payloadAt + bytes.length)
        // The sum over a segment with its right checksum in it is zero.
        const segment = damaged.subarray(transportAt, payloadAt + bytes.length)
        const [source, destination] = [fields.sourceAt, fields.destinationAt].map((at) =>
          damaged.subarray(at, at + fields.addressBytes),
        )
        const protocolNumber = protocol === 'tcp' ? 6 : 17
        expect(transportChecksum(source ?? segment, destination ?? segment, protocolNumber, segment)).toBe(0)
      }),
      { numRuns: 500 },
    )
  })

  test('without payload it stays whole', () => {
    const frame = makeFrame({
      from,
      to,
      protocol,
      ports: [1, 2],
      payload: new Uint8Array(0),
      paddingBytes: 6,
    })
    const same = Uint8Array.from(frame)
    const fields = new Frame()
    fields.read(frame, 0, frame.length)
    expect(flipPayloadBit(frame, fields, random())).toBe(false)
    expect(frame).toEqual(same)
  })
})

test('a fragment stays whole, because its checksum is elsewhere', () => {
  const frame = makeFrame({
    from: '10.0.0.1',
    to: '10.0.0.2',
    protocol: 'udp',
    ports: [1, 2],
    payload: new Uint8Array(9),
  })
  frame[20] = 0x20 // more fragments
  const fields = new Frame()
  fields.read(frame, 0, frame.length)
  expect(flipPayloadBit(frame, fields, random())).toBe(false)
})

test('UDP without a checksum keeps none', () => {
  const frame = makeFrame({
    from: '10.0.0.1',
    to: '10.0.0.2',
    protocol: 'udp',
    ports: [1, 2],
    payload: new Uint8Array(9),
  })
  frame.set([0, 0], 40)
  const fields = new Frame()
  fields.read(frame, 0, frame.length)
  expect(flipPayloadBit(frame, fields, random())).toBe(true)
  expect([...frame.subarray(40, 42)]).toEqual([0, 0])
})
