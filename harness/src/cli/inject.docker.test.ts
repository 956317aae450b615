/** Chaos by hand as people do it: commands of their own on an environment that was left up, seen from outside. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nowMs } from '../support/clock.ts'
import { pollUntil } from '../support/poll.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const budgetMs = 60_000
/** After `kill -9`, until the service answers again. */
const healedMsMax = 5_000

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }
type Running = { readonly child: ChildProcess; readonly ended: Promise<Ended>; readonly stdout: () => string }

let runId = ''
let url = ''

beforeAll(async () => {
  const { stdout, stderr } = await squall('up', 'comfyui', '--detach', '--disk-mb', '16', '--json')
  expect(stdout, stderr).not.toBe('')
  const up = JSON.parse(stdout) as { runId: string; services: [{ url: string }] }
  runId = up.runId
  url = up.services[0].url
}, 180_000)
afterAll(() => squall('down', runId))

describe('each kind bites, is healed when its time is up, and leaves a service that answers', () => {
  test.each([
    ['pause', '--for', '300ms'],
    ['kill', '--signal', 'SIGKILL', '--for', '300ms'],
    ['stop', '--for', '300ms'],
    ['restart', '--for', '2s'],
    ['crash-loop', '--times', '2', '--interval', '200ms', '--for', '5s'],
    ['processes', '--for', '300ms'],
    ['files', '--for', '300ms'],
    ['disk-full', '--for', '300ms'],
    ['read-only', '--for', '300ms'],
    ['connections', '--count', '5', '--for', '300ms'],
  ])('%s', async (...fault) => {
    const { code, stdout, stderr } = await inject(...fault)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^in force .*\nhealed {3}/)
    expect(code).toBe(0)
    await answers()
  })

  test('cpu, to a service that has something to do', async () => {
    const cpu = begin('inject', 'comfyui', 'cpu', '--cpus', '0.02', '--for', '3s', '--run', runId)
    await inForce(cpu)
    await Promise.allSettled(Array.from({ length: 30 }, () => fetch(`${url}/object_info`)))
    const { code, stdout } = await cpu.ended
    expect(stdout).toMatch(/held back in [1-9]\d* periods/)
    expect(code).toBe(0)
  })

  test('protocol, at the request it strikes; the token is found without a file', async () => {
    const point = ['--point', 'comfyui.http.queue', '--action', '{"kind":"status","status":503}']
    const fault = begin('inject', 'comfyui', 'protocol', ...point, '--run', runId)
    await inForce(fault)
    expect((await fetch(`${url}/queue`)).status).toBe(503)
    fault.child.kill('SIGINT')
    const { code, stdout } = await fault.ended
    expect(stdout).toContain('bit 1 time')
    expect(code).toBe(0)
    expect((await fetch(`${url}/queue`)).status).toBe(200)
  })

  test('network, in a short word', async () => {
    const fault = begin('inject', 'comfyui', 'latency', '--delay', '200ms', '--run', runId)
    await inForce(fault)
    const beganAt = nowMs()
    await fetch(`${url}/queue`, { headers: { connection: 'close' } })
    expect(nowMs() - beganAt).toBeGreaterThan(350)
    fault.child.kill('SIGTERM')
    const { code, stdout } = await fault.ended
    expect(stdout).toMatch(/[1-9]\d* packets seen/)
    expect(code).toBe(0)
  })

  test('noop never bites, which is unknown and not green', async () => {
    const { code, stdout } = await inject('noop', '--for', '100ms')
    expect(stdout).toContain('nothing was done, on purpose')
    expect(code).toBe(2)
  })
})

describe('whoever goes is healed, and the environment stays', () => {
  test.each([
    [['pause'], 0, async () => !(await isAnswering())],
    [['disk-full'], 0, async () => (await stateOf()).inForce.length === 1],
    [['files'], 0, async () => !(await isAnswering())],
    // Nobody talks to it in the second round, so it strikes nothing.
    [['latency', '--delay', '900ms'], 2, async () => !(await isAnswering())],
  ])('kill -9 of inject %j', async (fault, again, isFelt) => {
    const injecting = begin('inject', 'comfyui', ...fault, '--run', runId)
    await inForce(injecting)
    expect(await isFelt()).toBe(true)
    injecting.child.kill('SIGKILL')
    const killedAt = nowMs()
    await injecting.ended
    await answers()
    expect(nowMs() - killedAt).toBeLessThan(healedMsMax)
    expect((await stateOf()).inForce).toEqual([])
    // Whatever it filled or held is free again: the same fault can be put in force anew, and bites.
    const { code, stdout } = await inject(...fault, '--for', '300ms')
    expect(code, stdout).toBe(again)
  })

  test('heal from another terminal ends what is in force, and says so to both', async () => {
    const pause = begin('inject', 'comfyui', 'pause', '--run', runId, '--json')
    await inForce(pause)
    expect(await stateOf()).toMatchObject({
      inForce: [{ fault: 'pause of comfyui' }],
      services: [{ id: 'comfyui', state: 'is frozen', answers: false }],
    })
    const healed = await squall('heal', '--run', runId)
    expect(healed).toMatchObject({ code: 0, stdout: `healed ${runId}: pause of comfyui\n` })
    const { code, stdout } = await pause.ended
    expect(stdout.trim().split('\n').map(stateIn)).toEqual(['in force', 'healed'])
    expect(code).toBe(0)
    await answers()
  })
})

describe('two at once', () => {
  test('of two that would undo each other one is refused, whoever is first', async () => {
    const ended = await Promise.all([inject('pause', '--for', '2s'), inject('kill', '--for', '2s')])
    expect(new Set(ended.map(({ code }) => code))).toEqual(new Set([0, 3]))
    const refused = ended.find(({ code }) => code === 3)
    expect(refused?.stderr).toMatch(
      /Cannot begin (pause|kill) of comfyui: (pause|kill) of comfyui is in force/,
    )
    expect(refused?.stdout).toBe('')
    await answers()
  })

  test('faults of different claims get along', async () => {
    const ended = await Promise.all([
      inject('connections', '--count', '3', '--for', '1s'),
      inject('processes', '--for', '1s'),
    ])
    expect(ended.map(({ code }) => code)).toEqual([0, 0])
  })
})

describe('what is refused starts nothing', () => {
  test.each([
    [['wan2gp', 'pause'], 'has no wan2gp that Squall started; it has comfyui'],
    [['comfyui', 'pause', '--run', 'nobody'], 'nobody was not left up; left up: '],
    [['comfyui', 'protocol', '--point', 'gradio.nowhere', '--action', 'drop'], 'no point is called'],
    [['comfyui', 'cpu', '--cpus', '0'], '--cpus: Too small'],
    [
      ['comfyui', 'partition', '--from', 'comfyui', '--how', 'drop'],
      'it cannot be its own peer; name another',
    ],
    [['comfyui', 'network', 'delay 5ms peer comfyui'], 'it cannot be its own peer; name another'],
    [['comfyui', 'partition', '--from', 'wan2gp', '--how', 'drop'], 'has no wan2gp that Squall started'],
    [['comfyui', 'dns', '--names', '["litellm"]', '--failure', 'nxdomain'], 'has no litellm that Squall'],
  ])('%j', async (args, message) => {
    const run = args.includes('--run') ? [] : ['--run', runId]
    const { code, stdout, stderr } = await squall('inject', ...args, ...run)
    expect(stderr).toContain(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect([code, stdout]).toEqual([3, ''])
    expect((await stateOf()).inForce).toEqual([])
  })
})

test('a lease is renewed', async () => {
  const { code, stdout } = await squall('up', '--renew', runId, '--lease', '90')
  expect([code, stdout]).toEqual([0, `${runId}  left up, for 90 min more\n`])
  const { leaseLeftMs } = await stateOf()
  expect(leaseLeftMs).toBeGreaterThan(89 * 60_000)
})

function inject(...fault: readonly string[]): Promise<Ended> {
  return squall('inject', 'comfyui', ...fault, '--run', runId)
}

function squall(...args: readonly string[]): Promise<Ended> {
  return begin(...args).ended
}

function begin(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()))
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...text })))
  return { child, ended, stdout: () => text.stdout + text.stderr }
}

async function inForce({ stdout }: Running): Promise<void> {
  await pollUntil({
    what: 'the fault is in force',
    everyMs: 20,
    budgetMs,
    probe: () =>
      stdout().includes('in force') ? { done: true, value: undefined } : { done: false, saw: stdout() },
  })
}

async function isAnswering(): Promise<boolean> {
  const request = fetch(`${url}/system_stats`, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(500),
  })
  return await request.then(
    ({ ok }) => ok,
    () => false,
  )
}

async function answers(): Promise<void> {
  await pollUntil({
    what: 'comfyui answers',
    everyMs: 20,
    budgetMs,
    probe: async () =>
      (await isAnswering()) ? { done: true, value: undefined } : { done: false, saw: 'no answer' },
  })
}

type State = {
  readonly runId: string
  readonly leaseLeftMs: number
  readonly inForce: readonly { readonly fault: string }[]
  readonly services: readonly object[]
}

async function stateOf(): Promise<State> {
  const { stdout } = await squall('status', '--json')
  const { environments } = JSON.parse(stdout) as { environments: readonly State[] }
  const found = environments.find((one) => one.runId === runId)
  if (found === undefined) throw new Error(`${runId} is not up`)
  return found
}

function stateIn(line: string): string {
  return (JSON.parse(line) as { state: string }).state
}
