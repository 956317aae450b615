/** The command on real containers, measured from this machine. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../agent/receipt.ts'
import { until } from '../clock.ts'
import { agentImage } from '../container/agent-image.ts'
import { whyNotShape } from '../testing/can-shape.ts'
import { fastestRequestMs, requestMs } from '../testing/request-ms.ts'

const docker = new Docker()
const program = fileURLToPath(new URL('./main.ts', import.meta.url))
const why = whyNotShape()
const server = "require('node:http').createServer((request, response) => response.end('ok')).listen("

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

describe.skipIf(why !== undefined)(`netem command${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  const name = `squall-netem-test-${process.pid}`
  const others: Docker.Container[] = []
  let target: Docker.Container
  let address: string
  let image: string

  beforeAll(async () => {
    image = await agentImage(docker, { onProgress: () => undefined })
    target = await start(name)
    address = (await target.inspect()).NetworkSettings.Networks['bridge']?.IPAddress ?? ''
    await until('the server answers', 10_000, async () => (await askMs()) !== undefined)
  })
  afterAll(async () => {
    await Promise.all([target, ...others].map((it) => it?.remove({ force: true })))
  })

  async function start(as: string, network?: string): Promise<Docker.Container> {
    const container = await docker.createContainer({
      name: as,
      Image: image,
      // Whoever shares a network finds port 80 taken.
      Entrypoint: ['node', '-e', `${server}${network === undefined ? 80 : 0})`],
      HostConfig: network === undefined ? {} : { NetworkMode: network },
    })
    await container.start()
    return container
  }
  const askMs = (timeout?: number) => requestMs(address, timeout)
  const run = (...args: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), stdout, stderr })
      })
    })
  const startCommand = async (...args: string[]): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    const [said] = (await once(child.stderr, 'data')) as [Buffer]
    expect(said.toString()).toContain(`netem: ${args[1]}, eth0: `)
    return child
  }
  const sideContainers = async () =>
    (await docker.listContainers({ all: true, filters: { label: [`dev.squall.netem=${target.id}`] } })).length

  test('impairs for the time and heals, and says what it struck', async () => {
    const running = run('--container', name, 'delay 80ms direction out', '--for', '1500ms', '--json')
    await until('requests are slow', 10_000, async () => ((await askMs()) ?? 0) > 160)
    const { code, stdout } = await running
    expect(code).toBe(0)
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Receipt)
    expect(events).toMatchObject([
      { event: 'applied', rung: 'userspace', device: 'eth0', before: { seen: 0 } },
      { event: 'ended', reason: 'time is up', before: { seen: 0 } },
    ])
    expect(events[1]?.after.delayed).toBeGreaterThan(3)
    expect(await fastestRequestMs(address)).toBeLessThan(80)
    expect(await sideContainers()).toBe(0)
  })

  test('Ctrl-C heals', async () => {
    const child = await startCommand('--container', name, 'delay 80ms direction out')
    expect(await askMs()).toBeGreaterThan(160)
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await fastestRequestMs(address)).toBeLessThan(80)
    expect(await sideContainers()).toBe(0)
  })

  test('the death of the command heals within a second', async () => {
    const child = await startCommand('--container', name, 'loss 100% port 80')
    child.kill('SIGKILL')
    await once(child, 'exit')
    // A short patience: a packet lost before is sent again after a second only.
    await until('the container answers again', 1000, async () => (await askMs(200)) !== undefined)
    await until('the side container is gone', 3000, async () => (await sideContainers()) === 0)
  })

  test('nothing struck is exit code 2', async () => {
    const { code, stdout } = await run('--container', name, 'delay 1ms port 9', '--for', '100ms')
    expect({ code, stdout }).toEqual({ code: 2, stdout: 'netem: healed, time is up; it struck no packet\n' })
  })

  test('a second impairment of the same container is refused and the first goes on', async () => {
    const child = await startCommand('--container', name, 'delay 80ms direction out')
    expect(await run('--container', name, 'delay 1ms', '--for', '1s')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('another shaper is at work there; end it first'),
    })
    expect(await askMs()).toBeGreaterThan(160)
    child.kill('SIGTERM')
    await once(child, 'exit')
    expect(await sideContainers()).toBe(0)
  })

  test('the impairment ends with its container', async () => {
    const other = await start(`${name}-stops`)
    others.push(other)
    const child = await startCommand('--container', `${name}-stops`, 'delay 80ms', '--for', '1m')
    await other.kill()
    expect(await once(child, 'exit')).toEqual([2, null])
  })

  test.each<[string, string[], string]>([
    ['an unknown container', ['--container', 'nosuch', 'delay 1ms'], 'there is none of this name or id'],
    ['an unknown device', ['--container', name, '--device', 'eth9', 'delay 1ms'], 'name one of: eth0'],
  ])('%s is refused', async (_name, args, reason) => {
    const { code, stdout, stderr } = await run(...args)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/^netem: Cannot [^\n]+\n$/)
    expect(stderr).toContain(reason)
    expect(await sideContainers()).toBe(0)
  })

  test.each<[string, string, string]>([
    ['host', 'host', 'it shares the network of the host'],
    ['none', 'none', 'it has no network'],
    ['shared', `container:${name}`, 'it shares the network of'],
  ])('a container with network %s is refused', async (kind, network, reason) => {
    const other = await start(`${name}-${kind}`, network)
    others.push(other)
    expect(await run('--container', `${name}-${kind}`, 'delay 1ms')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(reason),
    })
  })

  test('a container that does not run is refused', async () => {
    const other = await start(`${name}-stopped`)
    others.push(other)
    await other.kill()
    expect(await run('--container', `${name}-stopped`, 'delay 1ms')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('it is exited; start it first'),
    })
  })
})

test('no engine is refused with what to do', async () => {
  const child = spawn(process.execPath, [program, '--container', 'x', 'delay 1ms'], {
    env: { ...process.env, DOCKER_HOST: 'tcp://127.0.0.1:9' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [said] = (await once(child.stderr, 'data')) as [Buffer]
  expect(said.toString()).toMatch(
    /^netem: Cannot reach the container engine: .*; start Docker or set DOCKER_HOST\n/,
  )
})
