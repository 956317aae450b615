/** What a harm does to the time of bytes, measured from outside. Lower bounds are exact; upper ones allow a busy machine. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nowMs, sleep, until } from '../clock.ts'
import { echo, openLab } from '../testing/link-lab.ts'
import { patternOf, type Seen, shaOf, watch } from '../testing/tcp-service.ts'
import type { LinkHarm } from './link-spec.ts'

const budgetMs = 15_000
/** What a timer and two event loops may take on a busy machine. */
const slackMs = 150

/** How long one byte takes there and back. */
async function roundTripMs({ socket, seen }: { socket: { write(text: string): unknown }; seen: Seen }) {
  const before = seen.byteCount
  const beganMs = nowMs()
  socket.write('x')
  await until('the answer is here', budgetMs, () => seen.byteCount > before)
  return nowMs() - beganMs
}

/** A busy machine may be slow once, not always. */
async function fastestOf3Ms(client: Parameters<typeof roundTripMs>[0]): Promise<number> {
  const took = [await roundTripMs(client), await roundTripMs(client), await roundTripMs(client)]
  return Math.min(...took)
}

describe('delay', () => {
  test.each([
    { direction: 'up', addedMs: 80 },
    { direction: 'down', addedMs: 80 },
    { direction: 'both', addedMs: 160 },
  ] as const)('of 80 ms $direction adds $addedMs ms to a round trip', async ({ direction, addedMs }) => {
    await using lab = await openLab()
    const client = await lab.connect()
    expect(await fastestOf3Ms(client)).toBeLessThan(addedMs)
    const harm = await lab.link.harm({ direction, delay: { meanMs: 80 } })
    const tookMs = await roundTripMs(client)
    expect(tookMs).toBeGreaterThanOrEqual(addedMs - 1)
    expect(tookMs).toBeLessThan(addedMs + slackMs)
    await harm.heal()
    expect(harm.counts()).toMatchObject({ connections: 1, delayed: direction === 'both' ? 2 : 1 })
    expect(await fastestOf3Ms(client)).toBeLessThan(addedMs)
  })

  test('with jitter keeps the order, and draws as the model does', async () => {
    await using lab = await openLab()
    const { socket, seen } = await lab.connect()
    const harm = await lab.link.harm({ direction: 'up', seed: 7, delay: { meanMs: 30, jitterMs: 20 } })
    const waits: number[] = []
    for (let round = 0; round < 25; round += 1) {
      const beganMs = nowMs()
      socket.write('x')
      await until('the answer is here', budgetMs, () => seen.byteCount > round)
      waits.push(nowMs() - beganMs)
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(9)
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(15)
    expect(harm.counts().delayed).toBe(25)
  })

  test('holds many writes at once and delivers each in its time', async () => {
    await using lab = await openLab((socket) => socket.on('data', () => undefined))
    await lab.link.harm({ direction: 'up', delay: { meanMs: 200 } })
    const { socket } = await lab.connect()
    await until('the service has it', budgetMs, () => lab.service.sockets.length === 1)
    const [receiver] = lab.service.sockets
    if (receiver === undefined) throw new Error('no connection')
    const { seen } = watch(receiver)
    const sentMs: number[] = []
    for (let round = 0; round < 10; round += 1) {
      sentMs.push(nowMs())
      socket.write(String(round))
      await sleep(20)
    }
    await until('all have arrived', budgetMs, () => seen.byteCount === 10)
    const took = seen.arrivals.flatMap(({ atMs, bytes }) =>
      Array.from(bytes, (code) => atMs - (sentMs[code - 48] ?? 0)),
    )
    expect(Buffer.concat(seen.arrivals.map(({ bytes }) => bytes)).toString()).toBe('0123456789')
    for (const ms of took) {
      expect(ms).toBeGreaterThanOrEqual(199)
      expect(ms).toBeLessThan(200 + slackMs)
    }
  })
})

describe('rate', () => {
  test('of 8 Mbit/s down: half a megabyte takes half a second, the other way is free', async () => {
    await using lab = await openLab()
    await lab.link.harm({ direction: 'down', rate: { bitsPerSecond: 8_000_000 } })
    const { socket, seen, over } = await lab.connect()
    const all = patternOf(500_000)
    const beganMs = nowMs()
    socket.end(all)
    await until('all is with the service', budgetMs, () => lab.link.counts().upBytes === all.length)
    const upMs = nowMs() - beganMs
    await over
    const downMs = (seen.endedAtMs ?? 0) - beganMs
    expect(upMs).toBeLessThan(300)
    expect(downMs).toBeGreaterThan(490)
    expect(downMs).toBeLessThan(500 + slackMs)
    expect(seen.sha()).toBe(shaOf(all))
    // Evenly: at half the time, about half of it was there.
    const half = seen.arrivals.filter(({ atMs }) => atMs - beganMs < downMs / 2)
    const halfBytes = half.reduce((sum, { bytes }) => sum + bytes.length, 0)
    expect(halfBytes).toBeGreaterThan(150_000)
    expect(halfBytes).toBeLessThan(350_000)
  })

  test('differs by direction with two harms at once', async () => {
    await using lab = await openLab()
    await lab.link.harm({ direction: 'up', rate: { bitsPerSecond: 4_000_000 } })
    await lab.link.harm({ direction: 'down', rate: { bitsPerSecond: 1_600_000 } })
    const { socket, seen, over } = await lab.connect()
    const beganMs = nowMs()
    socket.end(patternOf(100_000))
    await until('all is with the service', budgetMs, () => lab.link.counts().upBytes === 100_000)
    const upMs = nowMs() - beganMs
    await over
    expect(upMs).toBeGreaterThan(195)
    expect((seen.endedAtMs ?? 0) - beganMs).toBeGreaterThan(495)
    expect((seen.endedAtMs ?? 0) - beganMs).toBeLessThan(500 + 2 * slackMs)
  })

  test('lets a burst pass before it bites', async () => {
    await using lab = await openLab()
    await lab.link.harm({ direction: 'down', rate: { bitsPerSecond: 80_000, burstBytes: 20_000 } })
    const { socket, seen, over } = await lab.connect()
    const beganMs = nowMs()
    socket.end(patternOf(23_000))
    await over
    const early = seen.arrivals.filter(({ atMs }) => atMs - beganMs < slackMs)
    expect(early.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeGreaterThanOrEqual(20_000)
    expect((seen.endedAtMs ?? 0) - beganMs).toBeGreaterThan(290)
  })
})

describe('slice', () => {
  test('cuts what was written into small pieces with a pause between them', async () => {
    await using lab = await openLab()
    const harm = await lab.link.harm({ direction: 'down', slice: { bytes: 7, gapMs: 10 } })
    const { socket, seen, over } = await lab.connect()
    const all = patternOf(70)
    const beganMs = nowMs()
    socket.end(all)
    await over
    expect(seen.sha()).toBe(shaOf(all))
    expect((seen.endedAtMs ?? 0) - beganMs).toBeGreaterThanOrEqual(88)
    expect(Math.max(...seen.arrivals.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(14)
    expect(harm.counts()).toMatchObject({ sliced: 9, delayed: 9 })
  })
})

describe('slow close', () => {
  test('the end of the stream comes later than its last byte', async () => {
    await using lab = await openLab((socket) => socket.end('bye'))
    const harm = await lab.link.harm({ direction: 'down', slowClose: { ms: 200 } })
    const { seen, over } = await lab.connect()
    await over
    const lastMs = seen.arrivals.at(-1)?.atMs ?? 0
    expect(seen.byteCount).toBe(3)
    expect((seen.endedAtMs ?? 0) - lastMs).toBeGreaterThan(150)
    expect(harm.counts()).toMatchObject({ slowClosed: 1, delayed: 0 })
  })
})

describe('bytes under any shape', () => {
  const shape: fc.Arbitrary<LinkHarm> = fc.record(
    {
      direction: fc.constantFrom('up', 'down', 'both'),
      delay: fc.record({
        meanMs: fc.integer({ min: 0, max: 20 }),
        jitterMs: fc.integer({ min: 0, max: 30 }),
      }),
      rate: fc.record({ bitsPerSecond: fc.integer({ min: 5_000_000, max: 1e10 }) }),
      slice: fc.record({
        bytes: fc.integer({ min: 500, max: 65_536 }),
        gapMs: fc.integer({ min: 0, max: 1 }),
      }),
      slowClose: fc.record({ ms: fc.integer({ min: 0, max: 20 }) }),
    },
    { requiredKeys: ['direction', 'delay'] },
  )

  test('arrive all, once and in order, while harms come, change and go', async () => {
    await using lab = await openLab(echo)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 5 }),
        fc.array(shape, { minLength: 1, maxLength: 4 }),
        async (cuts, [first, ...more]) => {
          if (first === undefined) return
          const { socket, seen, over } = await lab.connect()
          const all = patternOf(cuts.reduce((sum, length) => sum + length, 0))
          const harm = await lab.link.harm(first)
          let at = 0
          for (const length of cuts) {
            socket.write(all.subarray(at, at + length))
            at += length
            await sleep(3)
            const next = more.shift()
            if (next) await harm.change(next)
          }
          socket.end()
          await sleep(5)
          await harm.heal()
          await over
          expect([seen.ending, seen.byteCount, seen.sha()]).toEqual(['end', all.length, shaOf(all)])
        },
      ),
      { numRuns: 30 },
    )
    await until('nothing is held', budgetMs, () => lab.link.counts().open === 0)
    expect(lab.link.counts().heldBytes).toBe(0)
  })
})
