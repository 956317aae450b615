/** What impairments do to traffic that waits in a queue, measured from outside and compared with the receipt. */
import { describe, expect, test } from 'vitest'
import { sigmasOff } from '../model/testing-draws.ts'
import { onQueue, onUserspace, shapeWith } from '../testing/agent-process.ts'
import { whyNotQueue, whyNotShape } from '../testing/can-shape.ts'
import { bitmapOf, fastestOf, type ProbeOptions } from '../testing/probe-udp.ts'
import { sendTcp } from '../testing/send-tcp.ts'
import { shaperLab } from '../testing/shaper-lab.ts'

const why = whyNotQueue()
const whyNoDetour = whyNotShape()

describe.skipIf(why !== undefined)(`queue${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  const lab = shaperLab({ count: 500 })
  const { probe, ofProbe } = lab
  const measure = (impairment: string, options?: Partial<ProbeOptions>, args = onQueue) =>
    lab.measure(args, impairment, options)

  const shape = (...impairments: readonly string[]) => shapeWith(lab.network, onQueue, ...impairments)

  test('delay 50ms in, over IPv4 and IPv6', async () => {
    await using agent = await shape(`delay 50ms direction in ${ofProbe()}`)
    for (const address of [lab.network.far.ipv4, lab.network.far.ipv6]) {
      const echoes = await probe({ address, count: 200 })
      expect(echoes.order).toHaveLength(200)
      // Usually 0.2 ms more; the bound is for machines where this process itself waits.
      expect(fastestOf(echoes.roundTripMs)).toBeGreaterThanOrEqual(50)
      expect(fastestOf(echoes.roundTripMs)).toBeLessThan(350)
    }
    const { last } = await agent.end()
    const after = { delayed: 400, lost: 0, failed: 0, held: 0, slipped: 0 }
    expect(last).toMatchObject({ event: 'ended', rung: 'userspace', way: 'nfqueue', after })
  })

  test('jitter makes packets overtake each other', async () => {
    const { echoes } = await measure(`delay 30ms 10ms direction in ${ofProbe()} seed 1`)
    const times = echoes.roundTripMs.filter((time) => time !== undefined)
    expect(fastestOf(times)).toBeGreaterThanOrEqual(20)
    expect(times.filter((time) => time < 25).length).toBeGreaterThan(20)
    expect(times.filter((time) => time > 35).length).toBeGreaterThan(20)
    expect(echoes.order).not.toEqual(echoes.order.toSorted((a, b) => a - b))
  })

  test.each(['in', 'out'])(
    'a seed loses the same packets again, another one others: %s',
    async (direction) => {
      const options = { count: 1000, patienceMs: 300 }
      const lossOf = (seed: number) => `loss 20% direction ${direction} ${ofProbe()} seed ${seed}`
      const first = await measure(lossOf(7), options)
      const second = await measure(lossOf(7), options)
      const other = await measure(lossOf(8), options)
      expect(bitmapOf(second.echoes)).toBe(bitmapOf(first.echoes))
      expect(bitmapOf(other.echoes)).not.toBe(bitmapOf(first.echoes))
      expect(first.counted).toMatchObject({ seen: 1000, lost: first.lost, failed: 0 })
      expect(first.counted.delivered).toBe(1000 - first.lost + first.counted.passed)
      expect(sigmasOff(first.lost, 1000, 0.2)).toBeLessThan(3)
    },
  )

  test.skipIf(whyNoDetour !== undefined).each(['in', 'out'])(
    'the same packets as by the detour: %s',
    async (direction) => {
      const loss = `loss gemodel 5% 40% direction ${direction} ${ofProbe()} seed 7`
      const options = { count: 1000, patienceMs: 300 }
      const byQueue = await measure(loss, options)
      const byDetour = await measure(loss, options, [...onUserspace, '--attach', 'tcx'])
      expect(byQueue.lost).toBeGreaterThan(50)
      expect(bitmapOf(byQueue.echoes)).toBe(bitmapOf(byDetour.echoes))
    },
  )

  test.each(['in', 'out'])('a damaged packet does not arrive: %s', async (direction) => {
    const corrupt = `corrupt 10% direction ${direction} ${ofProbe()} seed 3`
    const { echoes, counted, lost } = await measure(corrupt, { patienceMs: 300 })
    expect(echoes.damaged).toBe(0)
    expect(counted.lost).toBe(0)
    // A bit of a field that nobody checks does no harm.
    expect(lost).toBeGreaterThan(counted.corrupted * 0.8)
    expect(lost).toBeLessThanOrEqual(counted.corrupted)
  })

  test.each(['in', 'out'])('with the checksum fixed the damage arrives: %s', async (direction) => {
    for (const address of [lab.network.far.ipv4, lab.network.far.ipv6]) {
      const corrupt = `corrupt 10% checksum fix direction ${direction} ${ofProbe()} seed 3`
      const { echoes, counted, lost } = await measure(corrupt, { address, patienceMs: 300 })
      expect(counted.corrupted).toBeGreaterThan(20)
      expect(lost).toBeLessThanOrEqual(counted.corrupted)
      expect(echoes.damaged).toBeGreaterThan(counted.corrupted * 0.8)
    }
  })

  test('a packet that is held can be damaged too', async () => {
    const corrupt = `delay 30ms corrupt 10% checksum fix direction in ${ofProbe()} seed 3`
    const { echoes, counted } = await measure(corrupt, { patienceMs: 300 })
    expect(counted).toMatchObject({ delayed: 500, failed: 0 })
    expect(echoes.damaged).toBeGreaterThan(counted.corrupted * 0.8)
    expect(fastestOf(echoes.roundTripMs)).toBeGreaterThanOrEqual(30)
  })

  test('reordered packets overtake: every fifth', async () => {
    const { echoes, counted } = await measure(`delay 200ms reorder 100% gap 5 direction in ${ofProbe()}`, {
      count: 100,
    })
    expect(counted.reordered).toBe(20)
    const early = echoes.roundTripMs.flatMap((time, number) => ((time ?? 999) < 150 ? [number] : []))
    expect(early).toEqual(Array.from({ length: 20 }, (_, index) => index * 5 + 4))
  })

  test('rate 2mbit lets 250 kB pass in a second', async () => {
    await using agent = await shape(`rate 2mbit direction in protocol tcp port ${lab.echo.tcp}`)
    const slow = await sendTcp(lab.network.far.ipv4, lab.echo.tcp, 250_000)
    expect(slow.gotBytes).toBe(250_000)
    expect(slow.tookMs).toBeGreaterThan(950)
    await agent.end()
  })

  test('only what the filter means is struck', async () => {
    await using agent = await shape(`loss 100% port ${lab.echo.udp}`, 'delay 40ms direction in protocol tcp')
    expect((await probe({ count: 20, patienceMs: 100 })).order).toEqual([])
    const { tookMs } = await sendTcp(lab.network.far.ipv4, lab.echo.tcp, 1000)
    expect(tookMs).toBeGreaterThanOrEqual(40)
    await agent.end()
    const elsewhere = await measure('loss 100% peer 203.0.113.9', { count: 20, patienceMs: 100 })
    expect(elsewhere.lost).toBe(0)
    expect(elsewhere.counted).toMatchObject({ seen: 0, lost: 0 })
    expect(elsewhere.counted.passed).toBeGreaterThanOrEqual(40)
  })

  test.each([
    ['in one piece', 'delay 5ms direction in', true],
    ['cut', 'loss 0%', false],
  ] as const)('large packets survive, fragments and bulk TCP: %s', async (_name, impairment, isWhole) => {
    await using agent = await shape(impairment)
    for (const address of [lab.network.far.ipv4, lab.network.far.ipv6]) {
      const { order, damaged } = await probe({ address, count: 20, bytes: 20_000 })
      expect({ order: order.length, damaged }).toEqual({ order: 20, damaged: 0 })
      await agent.apply(`${impairment} protocol tcp`)
      await agent.event()
      expect((await sendTcp(address, lab.echo.tcp, 5_000_000)).gotBytes).toBe(5_000_000)
      const report = await agent.report()
      const { seen = 0, bytesSeen = 0 } = 'after' in report ? report.after : {}
      expect(bytesSeen / seen > 1514).toBe(isWhole)
    }
    await agent.end()
  })
})
