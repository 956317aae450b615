/** How a shaper that takes packets from a queue comes, changes and goes, as seen from outside, and what it refuses. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { sleep, until } from '../clock.ts'
import {
  type AgentProcess,
  onQueue,
  onUserspace,
  shape,
  shapeWith,
  startAgent,
  startAgentUnder,
} from '../testing/agent-process.ts'
import { whyNotQueue, whyNotShape } from '../testing/can-shape.ts'
import { startEffect } from '../testing/effect-process.ts'
import { endProcess } from '../testing/network.ts'
import { fastestOf } from '../testing/probe-udp.ts'
import { shaperLab } from '../testing/shaper-lab.ts'

const unheard = fileURLToPath(new URL('../testing/unheard-queue.ts', import.meta.url))
const why = whyNotQueue()
const whyNoDetour = whyNotShape()

/** The bar for healing at the end of the input. */
const healMsMax = 200

/** The bar for traffic to pass without a sign of life. */
const openMsMax = 1000

/** How often a shaper looks at what slipped by. */
const renewEveryMs = 250

/** A command that takes bpf(2) away from what it starts. */
const withoutBpf = ['setpriv', '--bounding-set', '-bpf,-sys_admin']

describe.skipIf(why !== undefined)(
  `queue: life cycle${why === undefined ? '' : ` (skipped: ${why})`}`,
  () => {
    const lab = shaperLab({ count: 100 })
    const { probe, passes } = lab

    const byQueue = (...impairments: readonly string[]) => shapeWith(lab.network, onQueue, ...impairments)
    /** Lines of the kernel's list, one per queue that somebody listens at. */
    const queues = () =>
      execFileSync(
        'ip',
        ['netns', 'exec', lab.network.namespace, 'cat', '/proc/net/netfilter/nfnetlink_queue'],
        {
          encoding: 'utf8',
        },
      )
        .split('\n')
        .filter((line) => line !== '')
    const hold = async (agent: AgentProcess, count: number) => {
      await until(`${count} packets are held`, 3000, async () => {
        const report = await agent.report()
        return 'after' in report && report.after.held === count
      })
    }

    test('a change comes into force without losing a packet', async () => {
      await using agent = await byQueue('delay 20ms direction in')
      const probing = probe({ count: 600 })
      for (const delayMs of [40, 10, 60, 30]) {
        await agent.apply(`delay ${delayMs}ms direction in`)
        expect(await agent.event()).toMatchObject({ event: 'applied' })
      }
      expect((await probing).order).toHaveLength(600)
      expect(fastestOf((await probe()).roundTripMs)).toBeGreaterThanOrEqual(30)
      await agent.end()
    })

    test('a direction that is no longer impaired leaves its queue, and what the other holds stays', async () => {
      await using agent = await byQueue(
        `delay 60s direction in port ${lab.echo.udp}`,
        'loss 0% direction out',
      )
      expect(queues()).toHaveLength(2)
      const probing = probe({ count: 20, patienceMs: 3000 })
      await hold(agent, 20)
      await agent.apply(`delay 60s direction in port ${lab.echo.udp}`)
      expect(queues()).toHaveLength(1)
      await agent.event()
      await agent.apply()
      expect((await probing).order).toHaveLength(20)
      expect(queues()).toEqual([])
      await agent.end()
    })

    test('the end of the input heals at once and hands back what was held', async () => {
      await using agent = await byQueue(`delay 60s direction in port ${lab.echo.udp}`)
      const probing = probe({ count: 50, patienceMs: 3000 })
      await hold(agent, 50)
      const { last, healedMs } = await agent.end()
      expect(healedMs).toBeLessThan(healMsMax)
      const { order } = await probing
      expect(order).toEqual(Array.from({ length: 50 }, (_, number) => number))
      const after = { seen: 50, held: 0, failed: 0 }
      expect(last).toMatchObject({ event: 'ended', reason: 'end of input', after })
      expect(queues()).toEqual([])
    })

    test('SIGKILL fails open at once; what was held is lost, and nothing else', async () => {
      await using agent = await byQueue(`delay 60s direction in port ${lab.echo.udp}`)
      const probing = probe({ count: 400, everyMs: 2, patienceMs: 1000 })
      await until('packets are held', 3000, async () => {
        const report = await agent.report()
        return 'after' in report && (report.after.held ?? 0) >= 50
      })
      agent.child.kill('SIGKILL')
      const beganMs = performance.now()
      await until('a packet passes', 2000, passes)
      expect(performance.now() - beganMs).toBeLessThan(openMsMax)
      // The first ones are gone, the rest are all there.
      const { order } = await probing
      expect(order).toEqual(Array.from({ length: order.length }, (_, index) => 400 - order.length + index))
      expect(order.length).toBeGreaterThan(100)
      expect(queues()).toEqual([])
    })

    test('what the kernel drops from the queue, because a partition heals meanwhile, counts as failed', async () => {
      await using agent = await byQueue(`delay 60s direction in port ${lab.echo.udp}`)
      const probing = probe({ count: 20, patienceMs: 1500 })
      await hold(agent, 20)
      const partition = await startEffect(lab.network, 'partition')
      await partition.apply({ peers: ['203.0.113.9'], how: 'drop' })
      await partition.end()
      const { last } = await agent.end()
      expect(last).toMatchObject({ event: 'ended', after: { held: 0, failed: 20 } })
      expect((await probing).order).toEqual([])
    })

    test('where nobody listens at the queue, packets go on', async () => {
      const listed = execFileSync(
        'ip',
        ['-n', lab.network.namespace, '-o', 'link', 'show', lab.network.device],
        {
          encoding: 'utf8',
        },
      )
      const child = lab.network.start(process.execPath, [unheard, listed.split(':')[0] ?? ''])
      if (child.stdout) await once(child.stdout, 'data')
      expect((await probe()).order).toHaveLength(100)
      await endProcess(child)
    })

    test('stopped, it lets traffic pass within a second, and says so', async () => {
      await using agent = await byQueue(`loss 100% port ${lab.echo.udp}`)
      expect((await probe({ count: 10, patienceMs: 100 })).order).toEqual([])
      agent.child.kill('SIGSTOP')
      const beganMs = performance.now()
      await until('a packet passes', 2000, passes)
      expect(performance.now() - beganMs).toBeLessThan(openMsMax)
      expect((await probe()).order).toHaveLength(100)
      agent.child.kill('SIGCONT')
      await until('it strikes again', 2000, async () => !(await passes()))
      const slipped = async (): Promise<number> => {
        const report = await agent.report()
        return ('after' in report && report.after.slipped) || 0
      }
      await until('it has counted', 2000, async () => (await slipped()) >= 200)
      const report = await agent.report()
      expect('late' in report && report.late?.maxMs).toBeGreaterThan(500)
      // A direction that comes back does not count the same packets again.
      const before = await slipped()
      for (const direction of ['out', 'both']) {
        await agent.apply(`loss 0% direction ${direction} port ${lab.echo.udp}`)
        await agent.event()
      }
      await sleep(2 * renewEveryMs)
      expect(await slipped()).toBe(before)
      await agent.end()
    })

    test('a second shaper is refused and the first goes on', async () => {
      await using first = await byQueue('delay 30ms direction in')
      await using second = startAgent(lab.network, ...onQueue)
      await second.event()
      expect(await second.apply('delay 10ms direction in')).toMatchObject({
        event: 'refused',
        code: 'already-shaped',
      })
      await second.end()
      expect(fastestOf((await probe()).roundTripMs)).toBeGreaterThanOrEqual(30)
      await first.end()
    })

    test.each(['in', 'out'])('what the first holds survives that: %s', async (direction) => {
      await using first = await byQueue(`delay 60s direction in port ${lab.echo.udp}`)
      const probing = probe({ count: 20, patienceMs: 5000 })
      await hold(first, 20)
      await using second = startAgent(lab.network, ...onQueue)
      await second.event()
      expect(await second.apply(`loss 1% direction ${direction}`)).toMatchObject({ code: 'already-shaped' })
      await second.end()
      const { last } = await first.end()
      expect(last).toMatchObject({ event: 'ended', after: { held: 0, failed: 0 } })
      expect((await probing).order).toHaveLength(20)
    })

    test.skipIf(whyNoDetour !== undefined).each([
      ['a queue beside a detour', onUserspace, onQueue],
      ['a detour beside a queue', onQueue, onUserspace],
    ])('so is one of another way: %s', async (_name, one, other) => {
      await using first = await shapeWith(lab.network, one, 'delay 30ms direction in')
      await using second = startAgent(lab.network, ...other)
      await second.event()
      const refused = { event: 'refused', code: 'already-shaped' }
      expect(await second.apply('delay 10ms direction in')).toMatchObject(refused)
      await second.end()
      await first.end()
    })

    test.each([
      ['duplicate 1%', /^Cannot duplicate packets by a queue: .* leave duplicate out/],
      ['delay 10ms', /^Cannot hold what goes out by a queue: .* say direction in/],
      ['rate 1mbit direction out', /^Cannot hold what goes out by a queue: .* say direction in/],
      ['delay 1ms reorder 5% direction out', /^Cannot hold what goes out by a queue: .* say direction in/],
    ])('%s is refused, and the old stays in force', async (impairment, message) => {
      await using agent = await byQueue('delay 30ms direction in')
      const refused = { event: 'refused', code: 'unsupported', message: expect.stringMatching(message) }
      expect(await agent.apply(impairment)).toMatchObject(refused)
      expect(fastestOf((await probe({ count: 20 })).roundTripMs)).toBeGreaterThanOrEqual(30)
      await agent.end()
    })

    test('where bpf() is refused it is taken by itself, and the receipt says why', async () => {
      await using agent = startAgentUnder(lab.network, withoutBpf, ...onUserspace)
      expect(await agent.event()).toMatchObject({ event: 'ready' })
      expect(await agent.apply('delay 30ms direction in')).toMatchObject({
        event: 'applied',
        rung: 'userspace',
        way: 'nfqueue',
        failsOpen: true,
        steppedDown: [
          { rung: 'userspace', way: 'tcx', reason: expect.stringMatching(/needs CAP_BPF or CAP_SYS_ADMIN/) },
        ],
      })
      expect(fastestOf((await probe()).roundTripMs)).toBeGreaterThanOrEqual(30)
      await agent.end()
      expect(fastestOf((await probe()).roundTripMs)).toBeLessThan(15)
    })

    test.skipIf(whyNoDetour !== undefined)('where bpf() is not refused it is not taken', async () => {
      await using agent = await shape(lab.network, 'delay 1ms direction in')
      const report = await agent.report()
      expect('way' in report && report.way).toMatch(/^tcx|clsact$/)
      await agent.end()
    })

    test('without CAP_NET_ADMIN neither: refused with both reasons', async () => {
      const under = ['setpriv', '--bounding-set', '-bpf,-sys_admin,-net_admin']
      await using agent = startAgentUnder(lab.network, under, ...onUserspace)
      await agent.event()
      expect(await agent.apply('delay 1ms direction in')).toMatchObject({
        event: 'refused',
        code: 'no-permission',
        message: expect.stringMatching(/needs CAP_NET_ADMIN .* not by eBPF: .* needs CAP_BPF/),
      })
      await agent.end()
    })
  },
)
