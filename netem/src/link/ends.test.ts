/** What a harm does to the life of a connection: stall, cut, reset, refuse; whom it strikes; and what it says it did. */
import { once } from 'node:events'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nowMs, sleep, until } from '../clock.ts'
import { openLab } from '../testing/link-lab.ts'
import { connectClient, patternOf, shaOf, watch } from '../testing/tcp-service.ts'
import { heldBytesMax } from './lane.ts'

const budgetMs = 15_000

describe('stall', () => {
  test('the connection stays and nothing passes; healed, all of it does, in order', async () => {
    await using lab = await openLab()
    const client = await lab.connect()
    const harm = await lab.link.harm({ stall: {} })
    const all = patternOf(100_000)
    client.socket.end(all)
    await until('the link holds it', budgetMs, () => lab.link.counts().heldBytes >= all.length)
    await sleep(100)
    expect(client.seen).toMatchObject({ byteCount: 0, ending: undefined })
    expect(lab.link.counts()).toMatchObject({ upBytes: 0, downBytes: 0, open: 1 })
    await harm.heal()
    await client.over
    expect([client.seen.ending, client.seen.sha()]).toEqual(['end', shaOf(all)])
    expect(harm.counts()).toMatchObject({ connections: 1, stalled: 1 })
  })

  test('after so many bytes, exactly so many have passed', async () => {
    await using lab = await openLab((socket) => socket.end(patternOf(50_000)))
    const harm = await lab.link.harm({ direction: 'down', stall: { afterBytes: 12_345 } })
    const { seen, over } = await lab.connect()
    await until('the first are here', budgetMs, () => seen.byteCount === 12_345)
    await sleep(100)
    expect(seen).toMatchObject({ byteCount: 12_345, ending: undefined })
    await harm.heal()
    await over
    expect(seen.sha()).toBe(shaOf(patternOf(50_000)))
  })

  test('memory is bounded: the sender has to wait', async () => {
    const all = patternOf(64 * 2 ** 20)
    await using lab = await openLab((socket) => void socket.end(all))
    const harm = await lab.link.harm({ direction: 'down', stall: {} })
    const { seen, over } = await lab.connect()
    await until('memory is full', budgetMs, () => lab.link.counts().heldBytes >= heldBytesMax)
    await sleep(200)
    expect(lab.link.counts().heldBytes).toBeLessThan(heldBytesMax + 2 ** 17)
    await harm.heal()
    await over
    expect(seen.sha()).toBe(shaOf(all))
  })
})

describe('cut', () => {
  test('the receiver gets exactly so many bytes and the end of the stream', async () => {
    await using lab = await openLab((socket) => void socket.write(patternOf(300_000)))
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 299_999 }), async (afterBytes) => {
        const harm = await lab.link.harm({ direction: 'down', cut: { afterBytes } })
        const { socket, seen, over } = await lab.connect()
        await over
        expect([seen.ending, seen.byteCount]).toEqual(['end', afterBytes])
        expect(seen.sha()).toBe(shaOf(patternOf(300_000).subarray(0, afterBytes)))
        expect(harm.counts()).toMatchObject({ connections: 1, cut: 1, downBytes: afterBytes })
        socket.destroy()
        await harm.heal()
      }),
      { numRuns: 25 },
    )
    await until('the link has let go', budgetMs, () => lab.link.counts().open === 0)
  })

  test('up: the service gets the end in mid upload', async () => {
    await using lab = await openLab(() => undefined)
    await lab.link.harm({ direction: 'up', cut: { afterBytes: 1000 } })
    const { socket } = await lab.connect()
    await until('the service has it', budgetMs, () => lab.service.sockets.length === 1)
    const [receiver] = lab.service.sockets
    if (receiver === undefined) throw new Error('no connection')
    const { seen, over } = watch(receiver)
    socket.on('error', () => undefined)
    socket.write(patternOf(500_000))
    await over
    expect([seen.ending, seen.byteCount]).toEqual(['end', 1000])
  })

  test('an answer that is shorter is not touched, and the receipt says so', async () => {
    await using lab = await openLab((socket) => socket.end('short'))
    const harm = await lab.link.harm({ direction: 'down', cut: { afterBytes: 100 } })
    const { seen, over } = await lab.connect()
    await over
    expect(seen.byteCount).toBe(5)
    expect(harm.counts()).toMatchObject({ connections: 1, cut: 0 })
  })
})

describe('reset', () => {
  test('now: both sides of the open connections, and of new ones', async () => {
    await using lab = await openLab(() => undefined)
    const open = await lab.connect()
    await until('the service has it', budgetMs, () => lab.service.sockets.length === 1)
    const [receiver] = lab.service.sockets
    if (receiver === undefined) throw new Error('no connection')
    const service = watch(receiver)
    const harm = await lab.link.harm({ reset: {} })
    await Promise.all([open.over, service.over])
    expect([open.seen.ending, service.seen.ending]).toEqual(['ECONNRESET', 'ECONNRESET'])
    const later = await lab.connect()
    await later.over
    expect(later.seen.ending).toBe('ECONNRESET')
    expect(harm.counts()).toMatchObject({ connections: 2, reset: 2 })
  })

  test('after so many bytes down, which have all arrived', async () => {
    await using lab = await openLab((socket) => void socket.write(patternOf(300_000)))
    const harm = await lab.link.harm({ direction: 'down', reset: { afterBytes: 100_001 } })
    const { seen, over } = await lab.connect()
    await over
    expect([seen.ending, seen.byteCount]).toEqual(['ECONNRESET', 100_001])
    expect(harm.counts().reset).toBe(1)
  })

  test('after a time, and not when healed before', async () => {
    await using lab = await openLab()
    const client = await lab.connect()
    await until('it passes', budgetMs, () => lab.link.counts().open === 1)
    const healed = await lab.link.harm({ reset: { afterMs: 100 } })
    await healed.heal()
    const beganMs = nowMs()
    const harm = await lab.link.harm({ reset: { afterMs: 300 } })
    await client.over
    expect(client.seen.ending).toBe('ECONNRESET')
    expect((client.seen.endedAtMs ?? 0) - beganMs).toBeGreaterThan(290)
    expect([healed.counts().reset, harm.counts().reset]).toEqual([0, 1])
  })
})

describe('refuse', () => {
  test('closed: connecting fails, open connections stay, the same port is back', async () => {
    await using lab = await openLab()
    const open = await lab.connect()
    const { address } = lab.link
    const harm = await lab.link.harm({ refuse: 'closed' })
    const refused = await connectClient(address)
    expect(refused.seen.ending).toBe('ECONNREFUSED')
    open.socket.write('x')
    await until('the open one answers', budgetMs, () => open.seen.byteCount === 1)
    await harm.heal()
    await harm.heal()
    expect(lab.link.address).toEqual(address)
    const again = await lab.connect()
    again.socket.write('x')
    await until('a new one answers', budgetMs, () => again.seen.byteCount === 1)
  })

  test('reset: accepted and reset at once, without the service', async () => {
    await using lab = await openLab()
    const harm = await lab.link.harm({ refuse: 'reset' })
    const { seen, over } = await lab.connect()
    await over
    expect(seen.ending).toBe('ECONNRESET')
    expect(harm.counts()).toMatchObject({ refused: 1, connections: 0 })
    expect(lab.service.sockets.length).toBe(0)
  })
})

describe('whom it strikes', () => {
  test('the same seed resets the same of 60 connections, another seed others', async () => {
    await using lab = await openLab((socket) => socket.end('ok'))
    const patternWith = async (seed: number): Promise<string> => {
      const harm = await lab.link.harm({ seed, probabilityPercent: 30, reset: {}, connections: 'new' })
      let pattern = ''
      for (let round = 0; round < 60; round += 1) {
        const { seen, over } = await lab.connect()
        await over
        pattern += seen.ending === 'end' ? '.' : 'x'
      }
      await harm.heal()
      expect(harm.counts().reset).toBe(pattern.replaceAll('.', '').length)
      return pattern
    }
    const [one, two, other] = [await patternWith(1), await patternWith(1), await patternWith(2)]
    expect(two).toBe(one)
    expect(other).not.toBe(one)
    // 18 expected; 5.5 sigma on either side.
    expect(one.replaceAll('.', '').length).toBeGreaterThan(2)
    expect(one.replaceAll('.', '').length).toBeLessThan(38)
  })

  test.each(['open', 'new'] as const)('%s connections only', async (connections) => {
    await using lab = await openLab()
    const before = await lab.connect()
    before.socket.write('x')
    await until('it works', budgetMs, () => before.seen.byteCount === 1)
    const harm = await lab.link.harm({ connections, reset: {} })
    const after = await lab.connect()
    const [struck, spared] = connections === 'open' ? [before, after] : [after, before]
    await struck.over
    spared.socket.write('y')
    await once(spared.socket, 'data')
    expect([struck.seen.ending, spared.seen.ending]).toEqual(['ECONNRESET', undefined])
    expect(harm.counts()).toMatchObject({ connections: 1, reset: 1 })
  })

  test('nobody: without traffic every receipt is empty', async () => {
    await using lab = await openLab()
    const client = await lab.connect()
    client.socket.write('x')
    await until('it works', budgetMs, () => client.seen.byteCount === 1)
    const harm = await lab.link.harm({ delay: { meanMs: 5 }, rate: { bitsPerSecond: 1e6 }, stall: {} })
    const { connections, ...rest } = harm.counts()
    expect(connections).toBe(1)
    expect(new Set(Object.values(rest))).toEqual(new Set([0]))
  })
})

describe('a change without a gap', () => {
  test('from a stall to a delay: what was held passes, and then with the delay', async () => {
    await using lab = await openLab()
    const { socket, seen } = await lab.connect()
    const harm = await lab.link.harm({ direction: 'up', stall: {} })
    socket.write('a')
    await until('it is held', budgetMs, () => harm.counts().stalled === 1)
    await harm.change({ direction: 'up', delay: { meanMs: 100 } })
    await until('it has passed', budgetMs, () => seen.byteCount === 1)
    const beganMs = nowMs()
    socket.write('b')
    await until('the next has passed', budgetMs, () => seen.byteCount === 2)
    expect(nowMs() - beganMs).toBeGreaterThan(98)
  })

  test('a heal does not wait for what was to be waited for', async () => {
    await using lab = await openLab()
    const { socket, seen } = await lab.connect()
    const harm = await lab.link.harm({ direction: 'up', delay: { meanMs: 60_000 } })
    for (const text of ['a', 'b', 'c']) {
      socket.write(text)
      await until('it is held', budgetMs, () => lab.link.counts().heldBytes > 0)
    }
    await harm.heal()
    await until('all are here', budgetMs, () => seen.byteCount === 3)
    expect(Buffer.concat(seen.arrivals.map(({ bytes }) => bytes)).toString()).toBe('abc')
  })

  test('healing one of two leaves the other in force', async () => {
    await using lab = await openLab()
    const { socket, seen } = await lab.connect()
    const stall = await lab.link.harm({ stall: {} })
    await lab.link.harm({ direction: 'down', cut: { afterBytes: 3 } })
    socket.write('abcdef')
    await until('it is held', budgetMs, () => stall.counts().stalled === 1)
    await stall.heal()
    await until('it is cut', budgetMs, () => seen.ending === 'end')
    expect(seen.byteCount).toBe(3)
  })
})
