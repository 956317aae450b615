import { describe, expect, test } from 'vitest'
import { LinkRate } from './link-rate.ts'

describe('a link of 8 kbit/s, 1 byte per ms', () => {
  test('packets leave one after the other', () => {
    const link = new LinkRate({ bitsPerSecond: 8000 })
    expect([0, 0, 0].map((nowMs) => link.send(100, nowMs))).toEqual([100, 200, 300])
  })

  test('time waited in the queue counts as delay, as in netem', () => {
    const link = new LinkRate({ bitsPerSecond: 8000 })
    expect(link.send(100, 50)).toBe(150)
    // Ready at 60, but the link is busy until 150.
    expect(link.send(100, 60)).toBe(250)
  })

  test('a pause earns nothing without a burst', () => {
    const link = new LinkRate({ bitsPerSecond: 8000 })
    link.send(100, 0)
    expect(link.send(100, 10_000)).toBe(10_100)
  })

  test('a burst passes at once, and only as much as it allows', () => {
    const link = new LinkRate({ bitsPerSecond: 8000, burstBytes: 200 })
    expect([0, 0, 0, 0].map((nowMs) => link.send(100, nowMs))).toEqual([0, 0, 100, 200])
    // A pause of 50 ms earns 50 bytes.
    expect(link.send(100, 250)).toBe(300)
  })

  test('overhead is paid per packet and cells are paid whole', () => {
    expect(new LinkRate({ bitsPerSecond: 8000, overheadBytes: 20 }).send(100, 0)).toBe(120)
    expect(new LinkRate({ bitsPerSecond: 8000, overheadBytes: -14 }).send(100, 0)).toBe(86)
    // tc-netem(8): 50 bytes take two ATM cells, 106 bytes on the wire.
    const atm = { bitsPerSecond: 8000, cellBytes: 48, cellOverheadBytes: 5 }
    expect(new LinkRate(atm).send(50, 0)).toBe(106)
  })
})
