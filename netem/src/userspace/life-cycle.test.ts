/** How a shaper comes, changes and goes, as seen from outside, and what it refuses. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { until } from '../clock.ts'
import { onUserspace, shape, shapeWith, startAgent } from '../testing/agent-process.ts'
import { whyNotShape, whyNotTcx } from '../testing/can-shape.ts'
import { fastestOf } from '../testing/probe-udp.ts'
import { shaperLab } from '../testing/shaper-lab.ts'

const why = whyNotShape()
const whyNoLinks = whyNotTcx()
const byClsact = [...onUserspace, '--attach', 'clsact']
const program = fileURLToPath(new URL('../agent/main.ts', import.meta.url))

/** The bar for healing at the end of the input; a few ms are usual, see bench/netem.ts. */
const healMsMax = 200

/** The bar for traffic to pass without a sign of life: the bound of the heartbeat, and one round of looking. */
const openMsMax = 1000

describe.skipIf(why !== undefined)(`life cycle${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  const lab = shaperLab({ count: 100 })
  const { probe, passes } = lab

  const devices = () =>
    execFileSync('ip', ['-n', lab.network.namespace, '-o', 'link'], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((line) => line.split(/[ :@]+/)[1])
  const qdiscs = () =>
    execFileSync('ip', ['netns', 'exec', lab.network.namespace, 'tc', 'qdisc', 'show'], { encoding: 'utf8' })
  /** Runs the agent under another command, e.g. one that takes privileges away; gives its first refusal. */
  const refusalUnder = async (command: readonly string[]): Promise<object> => {
    const [first, ...rest] = [...command, process.execPath, program, ...onUserspace, '--attach', 'tcx']
    const child = lab.network.start(first, rest)
    child.stdin?.write('{"do":"apply","impairments":["delay 1ms"]}\n')
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.includes('"refused"')) child.stdin?.end()
    })
    await once(child, 'exit')
    const line = output.split('\n').find((it) => it.includes('"refused"'))
    return JSON.parse(line ?? '{}') as object
  }

  test('the device is found without a name', async () => {
    await using agent = startAgent(lab.network)
    expect(await agent.event()).toMatchObject({ event: 'ready', device: lab.network.device })
    await agent.end()
  })

  test('a change comes into force without losing a packet', async () => {
    await using agent = await shape(lab.network, 'delay 20ms direction out')
    const probing = probe({ count: 600 })
    for (const delayMs of [40, 10, 60, 30]) {
      await agent.apply(`delay ${delayMs}ms direction out`)
      expect(await agent.event()).toMatchObject({ event: 'applied' })
    }
    const { order } = await probing
    expect(order).toHaveLength(600)
    expect(fastestOf((await probe()).roundTripMs)).toBeGreaterThanOrEqual(30)
    await agent.end()
  })

  test('a direction that is no longer impaired takes no detour', async () => {
    await using agent = await shape(lab.network, 'delay 20ms')
    expect(devices()).toHaveLength(4)
    await agent.apply('delay 20ms direction in')
    await agent.event()
    expect(devices()).toHaveLength(3)
    await agent.apply()
    await agent.event()
    expect(devices()).toEqual(['lo', lab.network.device])
    expect(fastestOf((await probe()).roundTripMs)).toBeLessThan(15)
    await agent.end()
  })

  test('the end of the input heals at once and hands back what was held', async () => {
    await using agent = await shape(lab.network, `delay 60s direction out port ${lab.echo.udp}`)
    const probing = probe({ count: 50, patienceMs: 3000 })
    const deadlineMs = performance.now() + 3000
    for (let held = 0; held < 50 && performance.now() < deadlineMs; ) {
      const report = await agent.report()
      held = 'after' in report ? (report.after.held ?? 0) : 0
    }
    const { last, healedMs } = await agent.end()
    expect(healedMs).toBeLessThan(healMsMax)
    const { order } = await probing
    expect(order).toEqual(Array.from({ length: 50 }, (_, number) => number))
    expect(last).toMatchObject({ event: 'ended', reason: 'end of input', after: { seen: 50, held: 0 } })
    expect(devices()).toEqual(['lo', lab.network.device])
  })

  test('SIGTERM does the same', async () => {
    await using agent = await shape(lab.network, 'delay 60s direction out')
    const exited = once(agent.child, 'exit')
    agent.child.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
    expect(await agent.event()).toMatchObject({ event: 'ended', reason: 'signal' })
    expect(devices()).toEqual(['lo', lab.network.device])
  })

  const atOnce = `SIGKILL fails open: the lab.network is normal and nothing is left`
  test.skipIf(whyNoLinks !== undefined)(
    `${atOnce}${whyNoLinks === undefined ? '' : ` (skipped: ${whyNoLinks})`}`,
    async () => {
      // Not all packets: without answers to ARP the kernel itself would wait for a second.
      await using agent = await shape(lab.network, `loss 100% port ${lab.echo.udp}`)
      expect((await probe({ count: 10, patienceMs: 100 })).order).toEqual([])
      const exited = once(agent.child, 'exit')
      agent.child.kill('SIGKILL')
      await exited
      const { order, roundTripMs } = await probe()
      expect(order).toHaveLength(100)
      expect(fastestOf(roundTripMs)).toBeLessThan(15)
      expect(devices()).toEqual(['lo', lab.network.device])
    },
  )

  test.each(['tcx', 'clsact'])(
    'stopped, it lets traffic pass within a second, and says so: %s',
    async (way) => {
      await using agent = await shapeWith(
        lab.network,
        [...onUserspace, '--attach', way],
        `loss 100% port ${lab.echo.udp}`,
      )
      expect((await probe({ count: 10, patienceMs: 100 })).order).toEqual([])
      agent.child.kill('SIGSTOP')
      const beganMs = performance.now()
      await until('a packet passes', 2000, passes)
      expect(performance.now() - beganMs).toBeLessThan(openMsMax)
      expect((await probe()).order).toHaveLength(100)
      agent.child.kill('SIGCONT')
      await until('it strikes again', 2000, async () => !(await passes()))
      const report = await agent.report()
      expect(report).toMatchObject({ late: { maxMs: expect.any(Number) } })
      expect('late' in report && report.late?.maxMs).toBeGreaterThan(500)
      expect('after' in report && report.after.slipped).toBeGreaterThanOrEqual(200)
      await agent.end()
      expect(qdiscs()).not.toContain('clsact')
    },
  )

  test('a kernel without tcx: SIGKILL opens within a second, the next one takes off what is left', async () => {
    await using first = await shapeWith(lab.network, byClsact, `loss 100% port ${lab.echo.udp}`)
    expect((await probe({ count: 10, patienceMs: 100 })).order).toEqual([])
    first.child.kill('SIGKILL')
    const beganMs = performance.now()
    await until('a packet passes', 2000, passes)
    expect(performance.now() - beganMs).toBeLessThan(openMsMax)
    expect((await probe()).order).toHaveLength(100)
    expect(qdiscs()).toContain('clsact')
    await using second = await shapeWith(lab.network, byClsact, 'delay 30ms')
    expect(fastestOf((await probe()).roundTripMs)).toBeGreaterThanOrEqual(60)
    await second.apply('delay 30ms direction in')
    await second.event()
    expect(fastestOf((await probe()).roundTripMs)).toBeGreaterThanOrEqual(30)
    await second.end()
    expect(qdiscs()).not.toContain('clsact')
    expect((await probe()).order).toHaveLength(100)
  })

  test('a clsact that was there stays', async () => {
    const tc = (...words: string[]) =>
      execFileSync('ip', ['netns', 'exec', lab.network.namespace, 'tc', ...words])
    tc('qdisc', 'add', 'dev', lab.network.device, 'clsact')
    await using agent = await shapeWith(lab.network, byClsact, 'delay 1ms')
    await agent.end()
    expect(qdiscs()).toContain('clsact')
    tc('qdisc', 'del', 'dev', lab.network.device, 'clsact')
  })

  test('a second shaper is refused and the first goes on', async () => {
    await using first = await shape(lab.network, 'delay 30ms direction out')
    await using second = startAgent(lab.network, ...onUserspace)
    await second.event()
    expect(await second.apply('delay 10ms')).toMatchObject({
      event: 'refused',
      code: 'already-shaped',
      message: expect.stringMatching(/^Cannot shape device far0: another shaper .*; end it first/),
    })
    await second.end()
    expect(fastestOf((await probe()).roundTripMs)).toBeGreaterThanOrEqual(30)
    // What the second had opened for the other direction is gone again.
    expect(devices()).toHaveLength(3)
    await first.end()
  })

  test('a refused change leaves the old in force', async () => {
    await using agent = await shape(lab.network, 'delay 30ms direction out')
    for (const bad of ['loss 110%', 'delay -5ms', { delay: 5 }]) {
      expect(await agent.apply(bad)).toMatchObject({ event: 'refused', code: 'bad-impairment' })
    }
    agent.child.stdin?.write('nonsense\n')
    expect(await agent.event()).toMatchObject({ event: 'refused', code: 'bad-usage' })
    expect(fastestOf((await probe()).roundTripMs)).toBeGreaterThanOrEqual(30)
    await agent.end()
  })

  test.each<[string, string[], object]>([
    [
      'an unknown device',
      ['--device', 'eth7'],
      { code: 'no-device', message: expect.stringContaining('far0') },
    ],
    ['loopback', ['--device', 'lo'], { code: 'no-device' }],
    ['an unknown option', ['--devise', 'far0'], { code: 'bad-usage' }],
  ])('%s is refused', async (_name, args, expected) => {
    await using agent = startAgent(lab.network, ...args)
    expect(await agent.event()).toMatchObject({ event: 'refused', ...expected })
  })

  test.each<[string, string[], object]>([
    [
      'no /dev/net/tun',
      ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /dev/net && exec "$0" "$@"'],
      { code: 'unsupported', message: expect.stringMatching(/ENOENT; load the module tun.*--device/) },
    ],
    [
      'no CAP_NET_ADMIN',
      ['setpriv', '--bounding-set', '-net_admin'],
      { code: 'no-permission', message: expect.stringMatching(/needs CAP_NET_ADMIN/) },
    ],
    [
      'no CAP_BPF and no CAP_SYS_ADMIN',
      ['setpriv', '--bounding-set', '-bpf,-sys_admin'],
      { code: 'no-permission', message: expect.stringMatching(/needs CAP_BPF or CAP_SYS_ADMIN/) },
    ],
  ])('%s: refused with what to do, and nothing is left', async (_name, command, expected) => {
    expect(await refusalUnder(command)).toMatchObject({ event: 'refused', ...expected })
    expect(devices()).toEqual(['lo', lab.network.device])
    expect((await probe({ count: 10 })).order).toHaveLength(10)
  })
})
