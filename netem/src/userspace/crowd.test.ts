/** A hundred paced connections through one shaper, and packets of awkward sizes. */
import { describe, expect, test } from 'vitest'
import { shape } from '../testing/agent-process.ts'
import { whyNotShape } from '../testing/can-shape.ts'
import { sendPaced } from '../testing/paced-tcp.ts'
import { probeUdp } from '../testing/probe-udp.ts'
import { shaperLab } from '../testing/shaper-lab.ts'

const why = whyNotShape()

describe.skipIf(why !== undefined)(`crowds${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  const lab = shaperLab({ count: 50, patienceMs: 3000 })

  test('a hundred connections keep their pace: every byte arrives, and nobody starves', async () => {
    await using agent = await shape(lab.network, 'delay 50ms limit 100000')
    const connections = await sendPaced({
      ...{ address: lab.network.far.ipv4, port: lab.echo.tcp },
      ...{ connections: 100, bytesPerSecond: 25_000, forMs: 2000 },
    })
    expect(connections).toHaveLength(100)
    for (const { sentBytes, gotBytes, tookMs } of connections) {
      expect({ sentBytes, gotBytes }).toEqual({ sentBytes: 50_000, gotBytes: 50_000 })
      // Two seconds of sending, and a round trip for the end; the bound is for machines where this process waits too.
      expect(tookMs).toBeGreaterThanOrEqual(2000 + 100 - 60)
      expect(tookMs).toBeLessThan(4000)
    }
    const { last } = await agent.end()
    expect(last).toMatchObject({ event: 'ended', after: { lost: 0, overLimit: 0, failed: 0, held: 0 } })
  })

  // Of 1500 bytes: what just fits, what just does not, and what takes six fragments. IPv6 headers take 20 bytes more.
  test.each([1452, 1472, 1473, 8000])('UDP of %i bytes arrives whole over IPv4 and IPv6', async (bytes) => {
    await using agent = await shape(lab.network, 'delay 20ms direction out', 'delay 20ms direction in')
    for (const address of [lab.network.far.ipv4, lab.network.far.ipv6]) {
      const probed = await probeUdp({
        ...{ address, port: lab.echo.udp, count: 50, everyMs: 1, patienceMs: 3000 },
        bytes,
      })
      expect({ order: probed.order.length, damaged: probed.damaged }).toEqual({ order: 50, damaged: 0 })
      expect(Math.min(...probed.roundTripMs.map((time) => time ?? 0))).toBeGreaterThanOrEqual(40)
    }
    const { last } = await agent.end()
    // One packet per fragment in each direction, and never fewer than were sent.
    const seen = last?.event === 'ended' ? last.after.seen : 0
    expect(seen).toBeGreaterThanOrEqual(2 * 100 * Math.ceil((bytes + 28) / 1500))
  })
})
