/** A link with no harm in force: every byte, every end, as without it. */
import { once } from 'node:events'
import { connect } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { until } from '../clock.ts'
import { openLab } from '../testing/link-lab.ts'
import { connectClient, openService, patternOf, shaOf, watch } from '../testing/tcp-service.ts'
import { openLink } from './link.ts'

const budgetMs = 10_000

describe('an idle link', () => {
  test('passes every byte both ways, however the writes are cut', async () => {
    await using lab = await openLab()
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 8 }), async (cuts) => {
        const { socket, seen, over } = await lab.connect()
        const all = patternOf(cuts.reduce((sum, length) => sum + length, 0))
        let at = 0
        for (const length of cuts) {
          socket.write(all.subarray(at, at + length))
          at += length
        }
        socket.end()
        await over
        expect([seen.ending, seen.byteCount, seen.sha()]).toEqual(['end', all.length, shaOf(all)])
      }),
      { numRuns: 40 },
    )
  })

  test('passes a half-close as one: the service still answers after it', async () => {
    await using lab = await openLab((socket) => {
      const { seen, over } = watch(socket)
      void over.then(() => socket.end(`got ${seen.byteCount}, ${seen.ending}`))
    })
    const { socket, seen, over } = await lab.connect()
    socket.end('hello')
    await over
    expect(Buffer.concat(seen.arrivals.map(({ bytes }) => bytes)).toString()).toBe('got 5, end')
  })

  test.each(['client', 'service'] as const)('passes a reset by the %s as one', async (who) => {
    await using lab = await openLab(() => undefined)
    const client = await lab.connect()
    await until('the service has it', budgetMs, () => lab.service.sockets.length === 1)
    const [socket] = lab.service.sockets
    if (socket === undefined) throw new Error('no connection')
    const other = who === 'client' ? watch(socket) : client
    const one = who === 'client' ? client.socket : socket
    one.resetAndDestroy()
    await other.over
    expect(other.seen.ending).toBe('ECONNRESET')
    await until('the link has let go', budgetMs, () => lab.link.counts().open === 0)
  })

  test('counts connections and bytes, and holds nothing back', async () => {
    await using lab = await openLab()
    for (const length of [10, 200]) {
      const { socket, over } = await lab.connect()
      socket.end(patternOf(length))
      await over
    }
    await until('both are over', budgetMs, () => lab.link.counts().open === 0)
    expect(lab.link.counts()).toEqual({
      ...{ connections: 2, unreachable: 0, upBytes: 210, downBytes: 210 },
      ...{ open: 0, heldBytes: 0 },
    })
  })

  test('lets a slow reader slow the sender down: memory stays bounded', async () => {
    await using lab = await openLab((socket) => socket.pause())
    const { socket } = await lab.connect()
    const all = patternOf(2 ** 20)
    let written = 0
    // Until the sender has had to wait for a second.
    for (let isFull = false; !isFull; ) {
      written += all.length
      if (written > 512 * 2 ** 20) throw new Error('the link takes everything')
      if (socket.write(all)) continue
      isFull = await Promise.race([
        once(socket, 'drain').then(() => false),
        once(socket, 'error', { signal: AbortSignal.timeout(1000) }).then(
          () => true,
          () => true,
        ),
      ])
    }
    expect(lab.link.counts().heldBytes).toBeLessThan(2 ** 20)
    const [receiver] = lab.service.sockets
    if (receiver === undefined) throw new Error('no connection')
    const { seen } = watch(receiver)
    receiver.resume()
    await until('all has arrived', budgetMs, () => seen.byteCount === written)
  })
})

describe('the two ends of a link', () => {
  test('a service that is down: the client is reset, and it is counted', async () => {
    const service = await openService(() => undefined)
    await service[Symbol.asyncDispose]()
    await using link = await openLink({ listen: { host: '127.0.0.1', port: 0 }, service: service.address })
    const { seen, over } = await connectClient(link.address)
    await over
    expect(seen.ending).toBe('ECONNRESET')
    expect(link.counts()).toMatchObject({ connections: 1, unreachable: 1, open: 0 })
  })

  test('disposed, connections end and the port is free', async () => {
    const lab = await openLab()
    const client = await lab.connect()
    client.socket.write('x')
    await until('it works', budgetMs, () => client.seen.byteCount === 1)
    await lab.link[Symbol.asyncDispose]()
    await client.over
    const refused = await connectClient(lab.link.address)
    await refused.over
    expect(refused.seen.ending).toBe('ECONNREFUSED')
    await lab[Symbol.asyncDispose]()
  })

  test.each(['0.0.0.0', '10.0.0.7', '::', 'localhost.example'])('is not opened at %s', async (host) => {
    const open = openLink({ listen: { host, port: 0 }, service: { host: '127.0.0.1', port: 9 } })
    await expect(open).rejects.toMatchObject({
      code: 'bad-usage',
      message: `Cannot open a link at ${host}: others could reach it; use 127.0.0.1 or ::1`,
    })
  })

  test('is not opened at a port that is taken', async () => {
    await using service = await openService(() => undefined)
    const open = openLink({ listen: service.address, service: service.address })
    await expect(open).rejects.toMatchObject({ code: 'no-port' })
    // And the one who has it is not disturbed.
    const socket = connect(service.address)
    await once(socket, 'connect')
    socket.destroy()
  })
})
