/** What impairments do to traffic, measured from outside and compared with what the receipt says. */
import { describe, expect, test } from 'vitest'
import { sigmasOff } from '../model/testing-draws.ts'
import { onUserspace, shape } from '../testing/agent-process.ts'
import { whyNotShape } from '../testing/can-shape.ts'
import { bitmapOf, fastestOf, type ProbeOptions } from '../testing/probe-udp.ts'
import { sendTcp } from '../testing/send-tcp.ts'
import { shaperLab } from '../testing/shaper-lab.ts'

const why = whyNotShape()

describe.skipIf(why !== undefined)(`effects${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  const lab = shaperLab({ count: 500 })
  const { probe, ofProbe } = lab
  const measure = (impairment: string, options?: Partial<ProbeOptions>) =>
    lab.measure(onUserspace, impairment, options)

  test.each([
    ['out', 50],
    ['in', 50],
    ['both', 100],
  ] as const)('delay 50ms %s, over IPv4 and IPv6: %i ms', async (direction, expectedMs) => {
    await using agent = await shape(lab.network, `delay 50ms direction ${direction} ${ofProbe()}`)
    for (const address of [lab.network.far.ipv4, lab.network.far.ipv6]) {
      const echoes = await probe({ address, count: 200 })
      expect(echoes.order).toHaveLength(200)
      // Usually 0.2 ms more. The bound is for machines where this process itself waits; how exact it is, is the
      // bench's to say, and that each packet was delayed once per direction, the receipt's.
      expect(fastestOf(echoes.roundTripMs)).toBeGreaterThanOrEqual(expectedMs)
      expect(fastestOf(echoes.roundTripMs)).toBeLessThan(expectedMs + 300)
    }
    const { last } = await agent.end()
    expect(last).toMatchObject({
      event: 'ended',
      after: { delayed: direction === 'both' ? 800 : 400, lost: 0 },
    })
  })

  test('jitter makes packets overtake each other', async () => {
    const { echoes } = await measure(`delay 30ms 10ms direction out ${ofProbe()} seed 1`)
    const times = echoes.roundTripMs.filter((time) => time !== undefined)
    expect(fastestOf(times)).toBeGreaterThanOrEqual(20)
    expect(times.filter((time) => time < 25).length).toBeGreaterThan(20)
    expect(times.filter((time) => time > 35).length).toBeGreaterThan(20)
    expect(echoes.order).not.toEqual(echoes.order.toSorted((a, b) => a - b))
  })

  test('the same seed loses the same packets, another seed others; the receipt counts them', async () => {
    const options = { count: 1000, patienceMs: 300 }
    const first = await measure(`loss 20% direction in ${ofProbe()} seed 7`, options)
    const second = await measure(`loss 20% direction in ${ofProbe()} seed 7`, options)
    const other = await measure(`loss 20% direction in ${ofProbe()} seed 8`, options)
    expect(bitmapOf(second.echoes)).toBe(bitmapOf(first.echoes))
    expect(bitmapOf(other.echoes)).not.toBe(bitmapOf(first.echoes))
    const { passed } = first.counted // the kernel's own, such as neighbour discovery
    expect(first.counted).toMatchObject({ seen: 1000, lost: first.lost })
    expect(first.counted.delivered).toBe(1000 - first.lost + passed)
    expect(sigmasOff(first.lost, 1000, 0.2)).toBeLessThan(3)
  })

  test('every fifth is lost', async () => {
    const { echoes } = await measure(`loss every 5 direction in ${ofProbe()}`, { count: 20, patienceMs: 200 })
    expect(bitmapOf(echoes)).toBe('1111.1111.1111.1111.')
  })

  test('duplicates come twice', async () => {
    const { echoes, counted } = await measure(`duplicate 10% direction out ${ofProbe()} seed 3`, {
      patienceMs: 300,
    })
    expect(echoes.times.filter((times) => times === 2)).toHaveLength(counted.duplicated)
    expect(sigmasOff(counted.duplicated, 500, 0.1)).toBeLessThan(3)
    expect(echoes.order).toHaveLength(500 + counted.duplicated)
  })

  test('a damaged packet is found out by its checksum and does not arrive', async () => {
    const { echoes, counted, lost } = await measure(`corrupt 10% direction out ${ofProbe()} seed 3`, {
      patienceMs: 300,
    })
    expect(echoes.damaged).toBe(0)
    expect(counted.lost).toBe(0)
    // A bit of the sender's hardware address or of a field nobody checks does no harm.
    expect(lost).toBeGreaterThan(counted.corrupted * 0.8)
    expect(lost).toBeLessThanOrEqual(counted.corrupted)
  })

  test('with the checksum fixed the damage reaches the application', async () => {
    const { echoes, counted, lost } = await measure(
      `corrupt 10% checksum fix direction out ${ofProbe()} seed 3`,
      { patienceMs: 300 },
    )
    expect(counted.corrupted).toBeGreaterThan(20)
    expect(echoes.damaged + wrongNumbers(echoes.times)).toBeGreaterThan(0)
    // Each damaged packet fails its pattern, or bears the number of another.
    expect(lost).toBeLessThanOrEqual(counted.corrupted)
    expect(echoes.damaged).toBeGreaterThan(counted.corrupted * 0.8)
  })

  test('reordered packets overtake: every fifth', async () => {
    const { echoes, counted } = await measure(`delay 200ms reorder 100% gap 5 direction out ${ofProbe()}`, {
      count: 100,
    })
    expect(counted.reordered).toBe(20)
    const early = echoes.roundTripMs.flatMap((time, number) => ((time ?? 999) < 150 ? [number] : []))
    expect(early).toEqual(Array.from({ length: 20 }, (_, index) => index * 5 + 4))
  })

  test('rate 2mbit lets 250 kB pass in a second, and a burst goes first', async () => {
    await using agent = await shape(lab.network, `rate 2mbit direction in protocol tcp port ${lab.echo.tcp}`)
    const slow = await sendTcp(lab.network.far.ipv4, lab.echo.tcp, 250_000)
    expect(slow.gotBytes).toBe(250_000)
    expect(slow.tookMs).toBeGreaterThan(950)
    await agent.apply(`rate 2mbit burst 1mb direction in protocol tcp port ${lab.echo.tcp}`)
    await agent.event() // the answer; before it came the receipt of what was replaced
    const fast = await sendTcp(lab.network.far.ipv4, lab.echo.tcp, 250_000)
    expect(fast.tookMs).toBeLessThan(slow.tookMs / 2)
    await agent.end()
  })

  test('only what the filter means is struck', async () => {
    await using agent = await shape(lab.network, `loss 100% port ${lab.echo.udp}`, 'delay 40ms protocol tcp')
    expect((await probe({ count: 20, patienceMs: 100 })).order).toEqual([])
    const { tookMs } = await sendTcp(lab.network.far.ipv4, lab.echo.tcp, 1000)
    expect(tookMs).toBeGreaterThan(75)
    await agent.end()
    const elsewhere = await measure('loss 100% peer 203.0.113.9', { count: 20, patienceMs: 100 })
    expect(elsewhere.lost).toBe(0)
    expect(elsewhere.counted).toMatchObject({ seen: 0, lost: 0 })
    expect(elsewhere.counted.passed).toBeGreaterThanOrEqual(40)
  })

  test('large packets survive whole: fragments, and bulk TCP', async () => {
    for (const impairment of ['delay 5ms', 'delay 5ms duplicate 0.01% seed 1']) {
      await using agent = await shape(lab.network, impairment)
      for (const address of [lab.network.far.ipv4, lab.network.far.ipv6]) {
        const { order, damaged } = await probe({ address, count: 20, bytes: 20_000 })
        expect({ order: order.length, damaged }).toEqual({ order: 20, damaged: 0 })
        expect((await sendTcp(address, lab.echo.tcp, 5_000_000)).gotBytes).toBe(5_000_000)
      }
      await agent.end()
    }
  })
})

/** Packets that came back under a number that was not theirs: somebody else's came twice. */
function wrongNumbers(times: readonly number[]): number {
  return times.filter((count) => count > 1).length
}
