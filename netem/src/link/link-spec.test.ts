/** What is harm to a link and what is not, and which impairments of packets a link can stand in for. */
import { describe, expect, test } from 'vitest'
import { parseImpairmentText } from '../spec/parse-text.ts'
import { asLinkHarms } from './as-link-harms.ts'
import { parseLinkHarm } from './link-spec.ts'

describe('harm to a link', () => {
  test.each([
    [{ delay: { meanMs: 500, jitterMs: 20, distribution: 'pareto' }, direction: 'down' }],
    [{ rate: { bitsPerSecond: 1e6 }, stall: { afterBytes: 10 }, probabilityPercent: 50, seed: 1 }],
    [{ reset: { afterMs: 100 }, connections: 'open' }],
    [{ refuse: 'closed' }],
  ])('%j is one', (harm) => {
    expect(parseLinkHarm(harm)).toEqual(harm)
  })

  test.each([
    [{}, 'it names no effect'],
    [{ direction: 'down' }, 'it names no effect'],
    [{ loss: { percent: 1 } }, '"loss" is no field of harm to a link'],
    [{ delay: { meanMs: -1 } }, 'the delay is -1 ms, but at least 0 ms is possible'],
    [{ delay: { meanMs: 1, distribution: 'normal' } }, 'a distribution without jitter'],
    [{ delay: { meanMs: 1, correlationPercent: 25 } }, 'the correlation of a delay needs jitter'],
    [{ stall: {}, probabilityPercent: 110 }, 'the probability is 110 %, but at most 100 %'],
    [{ stall: {}, direction: 'sideways' }, 'the direction is one of up, down, both'],
    [{ stall: {}, reset: {} }, 'a connection can meet one end only'],
    [{ cut: { afterBytes: 1.5 } }, 'the number of bytes is a whole number'],
    [{ reset: { afterBytes: 1, afterMs: 1 } }, 'a reset comes after bytes or after a time'],
    [{ refuse: 'closed', delay: { meanMs: 1 } }, 'a refused connection carries no bytes'],
    [{ refuse: 'reset', direction: 'up' }, 'a refused connection has no direction'],
    [{ refuse: 'reset', connections: 'open' }, 'open connections can no longer be refused'],
    [{ refuse: 'closed', probabilityPercent: 10 }, 'a closed port is closed for everybody'],
    [{ slice: { bytes: 0, gapMs: 1 } }, 'the slice is 0 bytes, but at least 1 bytes'],
    ['stall', 'it is "stall", not an object'],
  ])('%j is none', (harm, reason) => {
    expect(() => parseLinkHarm(harm)).toThrow(
      expect.objectContaining({ code: 'bad-link', message: expect.stringContaining(reason) }),
    )
  })
})

describe('packets on a link', () => {
  test.each([
    ['delay 500ms', [{ direction: 'both', delay: { meanMs: 500 } }]],
    [
      'delay 10ms 2ms distribution normal rate 1mbit burst 10kb direction out seed 4',
      [
        {
          direction: 'down',
          delay: { meanMs: 10, jitterMs: 2, distribution: 'normal' },
          rate: { bitsPerSecond: 1_000_000, burstBytes: 10_240 },
          seed: 4,
        },
      ],
    ],
    [
      'delay 1ms direction in, delay 2ms',
      [
        { direction: 'up', delay: { meanMs: 1 } },
        { direction: 'down', delay: { meanMs: 2 } },
      ],
    ],
    ['delay 1ms, delay 2ms', [{ direction: 'both', delay: { meanMs: 1 } }]],
    ['delay 1ms protocol tcp', [{ direction: 'both', delay: { meanMs: 1 } }]],
  ])('%s', (text, harms) => {
    expect(asLinkHarms(text.split(', ').map(parseImpairmentText))).toEqual(harms)
  })

  test.each([
    ['loss 50%', 'lose packets'],
    ['duplicate 1%', 'double packets'],
    ['corrupt 1%', 'damage packets'],
    ['delay 10ms reorder 25%', 'reorder packets'],
    ['delay 10ms limit 5', 'count the packets it holds'],
    ['rate 1mbit 14', 'add to the length of each packet'],
    ['delay 1ms peer 10.0.0.7', 'tell peers apart'],
    ['delay 1ms protocol udp', 'carry UDP or ICMP'],
  ])('%s is refused', (text, what) => {
    expect(() => asLinkHarms([parseImpairmentText(text)])).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(`cannot ${what} ("`) }),
    )
  })
})
