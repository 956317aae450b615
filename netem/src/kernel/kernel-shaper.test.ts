/** The kernel rung on kernels that have netem; measured from outside, in a namespace of its own. */
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { until } from '../clock.ts'
import { sigmasOff } from '../model/testing-draws.ts'
import { shapeWith, startAgent } from '../testing/agent-process.ts'
import { whyNotKernelNetem } from '../testing/can-shape.ts'
import { fastestOf } from '../testing/probe-udp.ts'
import { shaperLab } from '../testing/shaper-lab.ts'

const why = whyNotKernelNetem()
/** The bound of the heartbeat, and one round of looking. */
const openMsMax = 1000

const onKernel = ['--rung', 'kernel']

describe.skipIf(why !== undefined)(`kernel rung${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  const lab = shaperLab({ count: 200, everyMs: 2, patienceMs: 3000 })
  const { probe } = lab

  const show = (...what: string[]) =>
    execFileSync('ip', ['netns', 'exec', lab.network.namespace, ...what], { encoding: 'utf8' })
  const isClean = () => {
    expect(show('tc', 'qdisc', 'show')).not.toMatch(/netem|prio|ingress/)
    expect(show('ip', 'link')).not.toContain('ifb')
  }

  test.each([
    ['out', 50],
    ['in', 50],
    ['both', 100],
  ] as const)(
    'delay 50ms %s: %i ms',
    async (direction, expectedMs) => {
      await using agent = await shapeWith(lab.network, onKernel, `delay 50ms direction ${direction}`)
      const echoes = await probe()
      expect(echoes.order).toHaveLength(200)
      expect(fastestOf(echoes.roundTripMs)).toBeGreaterThanOrEqual(expectedMs)
      expect(fastestOf(echoes.roundTripMs)).toBeLessThan(expectedMs + 20)
      const { last } = await agent.end()
      expect(last).toMatchObject({ event: 'ended', rung: 'kernel', steppedDown: [], before: { seen: 0 } })
      expect(last !== undefined && 'after' in last && last.after.seen).toBeGreaterThanOrEqual(200)
      isClean()
    },
    60_000,
  )

  test('only what the filter means is struck, and counted', async () => {
    await using agent = await shapeWith(
      lab.network,
      onKernel,
      `loss 50% direction in protocol udp port ${lab.echo.udp}`,
    )
    const { times } = await probe({ count: 500, patienceMs: 500 })
    const lost = times.filter((count) => count === 0).length
    expect(sigmasOff(lost, 500, 0.5)).toBeLessThan(4)
    const { last } = await agent.end()
    expect(last).toMatchObject({ event: 'ended', after: { seen: 500, lost } })
    await using other = await shapeWith(lab.network, onKernel, 'loss 100% port 9', 'delay 30ms protocol udp')
    expect(fastestOf((await probe()).roundTripMs)).toBeGreaterThanOrEqual(60)
    await other.end()
    isClean()
  }, 60_000)

  test('a change replaces all of what was in force', async () => {
    await using agent = await shapeWith(lab.network, onKernel, 'rate 10kbit direction out')
    await agent.apply('delay 10ms direction out')
    expect(await agent.event()).toMatchObject({ event: 'applied' })
    expect(show('tc', 'qdisc', 'show')).not.toContain('rate')
    expect(fastestOf((await probe()).roundTripMs)).toBeLessThan(40)
    await agent.end()
    isClean()
  }, 60_000)

  const passes = async () => (await probe({ count: 1, patienceMs: 100 })).order.length > 0
  const everything = ['loss 100% direction out protocol udp', 'loss 100% direction in port 9'] as const

  /** An agent that was killed; its rules stand, and nothing is struck. */
  const killOne = async () => {
    await using killed = await shapeWith(lab.network, onKernel, ...everything)
    expect(await killed.report()).toMatchObject({ failsOpen: true })
    expect(await passes()).toBe(false)
    killed.child.kill('SIGKILL')
    const beganMs = performance.now()
    await until('a packet passes', 5000, passes)
    expect(performance.now() - beganMs).toBeLessThan(openMsMax)
    expect((await probe()).order).toHaveLength(200)
    expect(show('tc', 'qdisc', 'show')).toContain('netem')
  }

  test('SIGKILL opens within a second, and --heal takes off what is left', async () => {
    await killOne()
    await using healer = startAgent(lab.network, '--device', lab.network.device, '--heal')
    const removed = [
      `qdisc 5e70: of ${lab.network.device}`,
      `ingress of ${lab.network.device}`,
      expect.stringMatching(/^device squall-ifb\d+$/),
    ]
    expect(await healer.event()).toMatchObject({ event: 'healed', removed })
    isClean()
  }, 120_000)

  test('what a killed agent left is taken off by the next', async () => {
    await killOne()
    await using next = await shapeWith(lab.network, onKernel, 'delay 20ms direction out')
    expect(fastestOf((await probe()).roundTripMs)).toBeGreaterThanOrEqual(20)
    await next.end()
    isClean()
  }, 120_000)

  test('stopped, it lets traffic pass within a second, and says so', async () => {
    await using agent = await shapeWith(lab.network, onKernel, ...everything)
    expect(await passes()).toBe(false)
    agent.child.kill('SIGSTOP')
    const beganMs = performance.now()
    await until('a packet passes', 5000, passes)
    expect(performance.now() - beganMs).toBeLessThan(openMsMax)
    agent.child.kill('SIGCONT')
    await until('it strikes again', 5000, async () => !(await passes()))
    const report = await agent.report()
    expect('after' in report && report.after.slipped).toBeGreaterThan(0)
    await agent.end()
    isClean()
  }, 60_000)

  test('a second agent, and --heal, are refused while the first is at work', async () => {
    await using first = await shapeWith(lab.network, onKernel, 'delay 20ms')
    const refused = { event: 'refused', code: 'already-shaped' }
    await using healer = startAgent(lab.network, '--device', lab.network.device, '--heal')
    expect(await healer.event()).toMatchObject(refused)
    await using second = startAgent(lab.network, ...onKernel)
    await second.event()
    expect(await second.apply('delay 1ms')).toMatchObject(refused)
    expect(fastestOf((await probe()).roundTripMs)).toBeGreaterThanOrEqual(40)
    await second.end()
    await first.end()
    isClean()
  }, 60_000)

  test('somebody else’s qdisc is left alone and named', async () => {
    show('tc', 'qdisc', 'add', 'dev', lab.network.device, 'root', 'handle', '1:', 'prio')
    show('tc', 'qdisc', 'add', 'dev', lab.network.device, 'ingress')
    for (const direction of ['in', 'out']) {
      await using agent = startAgent(lab.network, ...onKernel)
      await agent.event()
      expect(await agent.apply(`delay 10ms direction ${direction}`)).toMatchObject({
        event: 'refused',
        code: 'already-shaped',
      })
      await agent.end()
    }
    expect(show('tc', 'qdisc', 'show')).toMatch(/prio 1:[^]*ingress|ingress[^]*prio 1:/)
    expect(show('ip', 'link')).not.toContain('ifb')
    show('tc', 'qdisc', 'del', 'dev', lab.network.device, 'root')
    show('tc', 'qdisc', 'del', 'dev', lab.network.device, 'ingress')
  }, 60_000)

  test('what it cannot do is refused with the reason', async () => {
    await using agent = startAgent(lab.network, ...onKernel)
    await agent.event()
    expect(await agent.apply('loss every 5')).toMatchObject({
      event: 'refused',
      code: 'unsupported',
      message: expect.stringContaining('netem cannot lose every nth packet'),
    })
    await agent.end()
  }, 60_000)
})
