/** Partitions of a namespace of their own, measured from both sides. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sleep, until } from '../clock.ts'
import { whyNotPartition } from '../testing/can-shape.ts'
import { dial, dialFrom } from '../testing/dial.ts'
import { startEcho } from '../testing/echo-process.ts'
import { type EffectProcess, startEffect } from '../testing/effect-process.ts'
import { makeNetwork, type TestNetwork } from '../testing/network.ts'
import { probeUdp } from '../testing/probe-udp.ts'
import type { PartitionReceipt } from './start-partition.ts'

const why = whyNotPartition()

/** Long enough to tell silence from a busy machine, short of the first repetition of TCP after 1 s. */
const patienceMs = 700
/** A refusal is a packet there and one back. */
const refusedMsMax = 300

describe.skipIf(why !== undefined)(`partition${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let network: TestNetwork
  let echo: { readonly udp: number; readonly tcp: number }
  let near: Server
  let nearPort: number
  beforeAll(async () => {
    network = await makeNetwork()
    echo = await startEcho(network)
    near = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, network.near.ipv4)
    await once(near, 'listening')
    nearPort = (near.address() as AddressInfo).port
  })
  afterAll(async () => {
    near?.close()
    await network?.[Symbol.asyncDispose]()
  })

  const inward = () => dial(network.far.ipv4, echo.tcp, patienceMs)
  const outward = () => dialFrom(network, network.near.ipv4, nearPort, patienceMs)
  const bothWays = async () => {
    const [came, went] = await Promise.all([inward(), outward()])
    return [came.outcome, went.outcome]
  }
  const cut = async (partition: object): Promise<EffectProcess<PartitionReceipt>> => {
    const agent = await startEffect<PartitionReceipt>(network, 'partition')
    expect(await agent.apply(partition)).toMatchObject({ event: 'applied', rung: 'nftables', cuts: 1 })
    return agent
  }

  test('without a partition both ways are open', async () => {
    expect(await bothWays()).toEqual(['open', 'open'])
  })

  test.each([
    ['both', ['silence', 'silence']],
    ['in', ['silence', 'open']],
    ['out', ['open', 'silence']],
  ] as const)('drop %s: connections in that direction hang, and only those', async (direction, expected) => {
    await using agent = await cut({ peers: [network.near.ipv4], direction, how: 'drop' })
    expect(await bothWays()).toEqual(expected)
    const last = await agent.end()
    expect(last).toMatchObject({ event: 'ended', reason: 'end of input' })
    const { refused } = last as unknown as PartitionReceipt
    expect(refused.in > 0).toBe(direction !== 'out')
    expect(refused.out > 0).toBe(direction !== 'in')
    expect(await bothWays()).toEqual(['open', 'open'])
  })

  test.each([
    ['both', ['ECONNREFUSED', 'ECONNREFUSED']],
    ['in', ['ECONNREFUSED', 'open']],
    ['out', ['open', 'ECONNREFUSED']],
  ] as const)('reject %s: connections in that direction are refused at once', async (direction, expected) => {
    await using agent = await cut({
      peers: [`${network.near.ipv4}/31`, network.near.ipv4],
      direction,
      how: 'reject',
    })
    expect(await bothWays()).toEqual(expected)
    await agent.end()
    expect(await bothWays()).toEqual(['open', 'open'])
  })

  test('a refusal is fast', async () => {
    await using agent = await cut({ peers: [network.near.ipv4], how: 'reject' })
    const { outcome, tookMs } = await inward()
    expect({ outcome, isFast: tookMs < refusedMsMax }).toEqual({ outcome: 'ECONNREFUSED', isFast: true })
    await agent.end()
  })

  test('IPv6, and everybody', async () => {
    await using agent = await cut({ peers: [network.near.ipv6], how: 'reject' })
    expect((await dial(network.far.ipv6, echo.tcp, patienceMs)).outcome).toBe('ECONNREFUSED')
    expect(await bothWays()).toEqual(['open', 'open'])
    expect(await agent.apply({ peers: 'everybody', how: 'reject' })).toMatchObject({
      event: 'ended',
      reason: 'replaced',
      refused: { in: 1 },
    })
    expect((await dial(network.far.ipv6, echo.tcp, patienceMs)).outcome).toBe('ECONNREFUSED')
    expect(await bothWays()).toEqual(['ECONNREFUSED', 'ECONNREFUSED'])
    // The target still talks to itself, under its own address too.
    expect((await dialFrom(network, network.far.ipv4, echo.tcp, patienceMs)).outcome).toBe('open')
    await agent.end()
  })

  test('peers that are not named are not touched', async () => {
    await using agent = await cut({
      peers: ['198.51.100.7', '198.51.100.0/24', '2001:db8::/32'],
      how: 'drop',
    })
    expect(await bothWays()).toEqual(['open', 'open'])
    expect(await agent.end()).toMatchObject({ refused: { in: 0, out: 0 } })
  })

  test('an open connection falls silent when packets are dropped, and goes on after the heal', async () => {
    const socket = connect({ host: network.far.ipv4, port: echo.tcp, allowHalfOpen: true })
    await once(socket, 'connect')
    await using agent = await cut({ peers: [network.near.ipv4], how: 'drop' })
    let said = ''
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    socket.end('x'.repeat(1000))
    await until('packets are dropped', 3000, async () => {
      const report = await agent.report()
      return 'refused' in report && report.refused.in > 0
    })
    expect(said).toBe('')
    await agent.end()
    // TCP asks again by itself, at doubled distances.
    await until('the echo has it all', 10_000, () => said === '1000')
  })

  test('an open connection is reset when packets are rejected', async () => {
    const socket = connect({ host: network.far.ipv4, port: echo.tcp })
    await once(socket, 'connect')
    await using agent = await cut({ peers: [network.near.ipv4], direction: 'in', how: 'reject' })
    const failed = once(socket, 'error') as Promise<[NodeJS.ErrnoException]>
    socket.write('x')
    expect((await failed)[0].code).toBe('ECONNRESET')
    await agent.end()
  })

  test('UDP is dropped silently, or told that nobody is there', async () => {
    await using agent = await cut({ peers: [network.near.ipv4], how: 'drop' })
    const probe = { address: network.far.ipv4, port: echo.udp, count: 5, everyMs: 1, patienceMs: 200 }
    expect((await probeUdp(probe)).order).toEqual([])
    await agent.apply({ peers: [network.near.ipv4], how: 'reject' })
    const socket = createSocket('udp4')
    socket.connect(echo.udp, network.far.ipv4)
    await once(socket, 'connect')
    const failed = once(socket, 'error') as Promise<[NodeJS.ErrnoException]>
    socket.send('x')
    expect((await failed)[0].code).toBe('ECONNREFUSED')
    socket.close()
    await agent.end()
  })

  test('it flaps by its period and duty', async () => {
    await using agent = await cut({
      peers: [network.near.ipv4],
      how: 'reject',
      flap: { periodMs: 600, dutyPercent: 50 },
    })
    const beganMs = performance.now()
    let refused = 0
    let changes = 0
    let last = ''
    let count = 0
    for (; performance.now() - beganMs < 3000; count++) {
      const { outcome } = await inward()
      if (outcome !== last) changes += 1
      if (outcome === 'ECONNREFUSED') refused += 1
      last = outcome
      await sleep(5)
    }
    const receipt = (await agent.end()) as unknown as PartitionReceipt
    // Five periods: ten phases, and a busy machine may take a sample late.
    expect(changes).toBeGreaterThanOrEqual(8)
    expect(changes).toBeLessThanOrEqual(12)
    expect(refused / count).toBeGreaterThan(0.3)
    expect(refused / count).toBeLessThan(0.7)
    expect(receipt.cuts).toBeGreaterThanOrEqual(5)
    expect(receipt.cuts).toBeLessThanOrEqual(6)
    expect(Math.abs(receipt.cutMs - 1500)).toBeLessThan(450)
  })

  test('SIGKILL heals at once', async () => {
    await using agent = await cut({ peers: 'everybody', how: 'drop' })
    expect(await bothWays()).toEqual(['silence', 'silence'])
    const exited = once(agent.child, 'exit')
    agent.child.kill('SIGKILL')
    await exited
    expect(await bothWays()).toEqual(['open', 'open'])
  })

  test('two of one target add up, and each heals its own', async () => {
    await using one = await cut({ peers: [network.near.ipv4], direction: 'in', how: 'reject' })
    await using other = await cut({ peers: [network.near.ipv4], direction: 'out', how: 'reject' })
    expect(await bothWays()).toEqual(['ECONNREFUSED', 'ECONNREFUSED'])
    await one.end()
    expect(await bothWays()).toEqual(['open', 'ECONNREFUSED'])
    await other.end()
    expect(await bothWays()).toEqual(['open', 'open'])
  })

  test('what is no partition is refused and the old one goes on', async () => {
    await using agent = await cut({ peers: [network.near.ipv4], how: 'reject' })
    expect(await agent.apply({ peers: ['upstream'], how: 'drop' })).toMatchObject({
      event: 'refused',
      code: 'bad-impairment',
    })
    expect(await bothWays()).toEqual(['ECONNREFUSED', 'ECONNREFUSED'])
    await agent.end()
  })

  test('without CAP_NET_ADMIN it is refused with what to do', async () => {
    const under = ['setpriv', '--bounding-set', '-net_admin']
    await using agent = await startEffect<PartitionReceipt>(network, 'partition', under)
    expect(await agent.apply({ peers: 'everybody', how: 'drop' })).toMatchObject({
      event: 'refused',
      code: 'no-permission',
      message: expect.stringContaining('--cap-add NET_ADMIN'),
    })
    await agent.end()
  })
})
