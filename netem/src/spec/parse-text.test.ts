import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NetemError } from '../errors.ts'
import { arbitraryImpairment } from './arbitrary-impairment.ts'
import { parseImpairmentText } from './parse-text.ts'
import { writeImpairment } from './write-text.ts'

describe('what people write for tc', () => {
  test.each<[string, object]>([
    [
      'delay 100ms 10ms distribution normal loss 1%',
      {
        delay: { meanMs: 100, jitterMs: 10, distribution: 'normal' },
        loss: { kind: 'random', percent: 1 },
      },
    ],
    ['delay 100ms 10ms 25%', { delay: { meanMs: 100, jitterMs: 10, correlationPercent: 25 } }],
    ['latency 0.1s', { delay: { meanMs: 100 } }],
    // A bare number is microseconds in tc.
    ['delay 500', { delay: { meanMs: 0.5 } }],
    ['loss random 3% 25%', { loss: { kind: 'random', percent: 3, correlationPercent: 25 } }],
    ['drop 3', { loss: { kind: 'random', percent: 3 } }],
    [
      'loss gemodel 1% 10% 70% 0.1%',
      {
        loss: {
          kind: 'gilbert-elliott',
          toBadPercent: 1,
          toGoodPercent: 10,
          lossInBadPercent: 70,
          lossInGoodPercent: 0.1,
        },
      },
    ],
    ['loss gemodel 5%', { loss: { kind: 'gilbert-elliott', toBadPercent: 5, toGoodPercent: 95 } }],
    [
      'loss state 10%',
      {
        loss: {
          kind: 'four-state',
          p13Percent: 10,
          p31Percent: 90,
          p32Percent: 0,
          p23Percent: 100,
          p14Percent: 0,
        },
      },
    ],
    ['duplicate 1% corrupt 0.1%', { duplicate: { percent: 1 }, corrupt: { percent: 0.1 } }],
    [
      'delay 10ms reorder 25% 50% gap 5',
      { delay: { meanMs: 10 }, reorder: { percent: 25, correlationPercent: 50, gap: 5 } },
    ],
    // The example of tc-netem(8).
    [
      'rate 5kbit 20 100 5',
      { rate: { bitsPerSecond: 5000, overheadBytes: 20, cellBytes: 100, cellOverheadBytes: 5 } },
    ],
    ['rate 1mbps', { rate: { bitsPerSecond: 8_000_000 } }],
    ['rate 1mibit', { rate: { bitsPerSecond: 1_048_576 } }],
    ['rate 1mbit -14', { rate: { bitsPerSecond: 1_000_000, overheadBytes: -14 } }],
    ['delay 1ms limit 5000 seed 42', { delay: { meanMs: 1 }, limitPackets: 5000, seed: 42 }],
  ])('%s', (text, expected) => {
    expect(parseImpairmentText(text)).toEqual(expected)
  })
})

describe('words of our own', () => {
  test.each<[string, object]>([
    ['loss every 5', { loss: { kind: 'every-nth', nth: 5 } }],
    ['corrupt 1% checksum fix', { corrupt: { percent: 1, checksum: 'fix' } }],
    ['rate 1mbit burst 10kb', { rate: { bitsPerSecond: 1_000_000, burstBytes: 10_240 } }],
    [
      'delay 1ms direction in peer fd00::/64 port 8188 protocol tcp',
      {
        delay: { meanMs: 1 },
        direction: 'in',
        filter: { peer: 'fd00::/64', port: 8188, protocol: 'tcp' },
      },
    ],
  ])('%s', (text, expected) => {
    expect(parseImpairmentText(text)).toEqual(expected)
  })
})

test('text and impairment say the same: every impairment comes back from its text', () => {
  fc.assert(
    fc.property(arbitraryImpairment, (it) => {
      expect(parseImpairmentText(writeImpairment(it))).toEqual(it)
    }),
    { numRuns: 1000 },
  )
})

test('no text throws anything but a refusal', () => {
  const words = fc.constantFrom(
    ...'delay loss every gemodel state random 10% 5ms -1 gap reorder rate 1mbit burst seed limit peer port checksum'.split(
      ' ',
    ),
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string())), (text) => refusalOf(text.join(' ')) !== 'another'),
    { numRuns: 2000 },
  )
})

function refusalOf(text: string): 'none' | 'refused' | 'another' {
  try {
    parseImpairmentText(text)
    return 'none'
  } catch (error) {
    return error instanceof NetemError && error.message.startsWith('Cannot ') ? 'refused' : 'another'
  }
}

describe('refused, with the reason', () => {
  test.each<[string, RegExp]>([
    ['loss 110%', /the loss is 110 %, but at most 100 %/],
    ['loss -1%', /the loss is -1 %, but at least 0 %/],
    ['delay -5ms', /the delay is -5 ms, but at least 0 ms/],
    ['delay 275s', /the delay is 275000 ms, but at most 274000 ms/],
    ['delay', /delay such as 100ms is missing at its end/],
    ['delay 10parsec', /"10parsec" is no delay such as 100ms/],
    ['delay 10ms distribution normal', /a distribution without jitter/],
    ['delay 10ms 5ms distribution gauss', /one of uniform, normal, pareto, paretonormal/],
    ['distribution normal', /"distribution" stands without "delay"/],
    ['reorder 25%', /reordering needs a delay/],
    ['delay 0ms reorder 25%', /reordering needs a delay/],
    ['delay 10ms gap 5', /"gap" stands without "reorder"/],
    ['loss state 60% 10% 0% 100% 50%', /p13 and p14 leave the same state/],
    ['loss gemodel 1% 10% 70% 0.1% 5%', /"5%" is unknown/],
    ['loss every 0', /every is 0 packets, but at least 1 packets/],
    ['loss every 2.5', /every is a whole number/],
    ['loss 1% loss 2%', /"loss" stands twice/],
    ['delay 1ms latency 2ms', /"latency" stands twice/],
    ['loss 1% ecn', /"ecn" is not supported/],
    ['rate 0bit', /the rate is 0 bit\/s, but at least 1 bit\/s/],
    ['burst 10kb', /"burst" stands without "rate"/],
    ['checksum fix', /"checksum" stands without "corrupt"/],
    ['limit 10', /it names no effect/],
    ['', /it names no effect/],
    ['delay 1ms peer example.org', /the peer is no IP address/],
    ['delay 1ms peer 10.0.0.0/33', /the peer is no IP address/],
    ['delay 1ms port 80 protocol icmp', /ICMP has no ports/],
    ['delay 1ms port 70000', /the port is 70000/],
    ['delay 1ms direction up', /the direction is one of in, out, both/],
    ['explode 5%', /"explode" is unknown; use delay, /],
  ])('%s', (text, reason) => {
    expect(() => parseImpairmentText(text)).toThrow(reason)
  })
})
