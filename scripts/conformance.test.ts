/** The command as a user starts it: counts, exit codes, what it skips, and what it leaves behind. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { CaseResult, ServedTwin } from '@squall/twin-kit/conformance/case'
import { startTwinProcess } from '@squall/twin-kit/twin-process'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { knownDifferences } from '../mocks/comfyui/src/conformance/known-differences.ts'
import { comfyuiContract } from '../mocks/comfyui/src/contract/comfyui-contract.ts'
import { contracts } from './conformance/contracts.ts'
import { type Lie, startLiar } from './conformance/liar.ts'
import { withoutKeys } from './conformance/without-keys.ts'

const script = fileURLToPath(new URL('conformance.ts', import.meta.url))
const served: { comfyui?: ServedTwin } = {}
const folder = mkdtempSync(path.join(tmpdir(), 'conformance-test-'))

beforeAll(async () => {
  served.comfyui = await comfyuiContract.startTwin(path.join(folder, 'comfyui'))
})

afterAll(async () => {
  await served.comfyui?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

function comfyuiUrl(): string {
  return served.comfyui?.url() ?? ''
}

async function conformance(
  ...args: readonly string[]
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code, stdout, stderr }
}

test('a fresh twin: counts in JSON, exit code 0', { timeout: 60_000 }, async () => {
  const { code, stdout } = await conformance('--service', 'comfyui', '--case', 'refusals', '--json')
  const { ok, services } = JSON.parse(stdout)
  expect({ code, ok }).toEqual({ code: 0, ok: true })
  expect(services).toMatchObject([{ service: 'comfyui', server: 'twin', failed: 0, skipped: 0, results: [] }])
  expect(services[0].passed).toBe(services[0].cases)
  expect(services[0].cases).toBeGreaterThan(30)
})

const documented = Object.entries(knownDifferences).find(([, cases]) => Object.keys(cases).length > 0)

test.runIf(documented)(
  'a documented difference has its reason, and is no failure',
  { timeout: 60_000 },
  async () => {
    const [recording = '', cases = {}] = documented ?? []
    const [[name, reason] = []] = Object.entries(cases)
    const { code, stdout } = await conformance('--service', 'comfyui', '--case', `golden ${recording}`)
    expect(code).toBe(0)
    expect(stdout).toContain(`differs  golden ${recording}: ${name}: ${reason}`)
    expect(stdout).toMatch(
      new RegExp(`, 0 failed, ${Object.keys(cases).length} differ, 0 skipped \\(fresh twin\\)`),
    )
  },
)

test('a running server is recognised; what may harm it is skipped by name', { timeout: 60_000 }, async () => {
  const { code, stdout } = await conformance('--url', comfyuiUrl(), '--case', 'queue: clear')
  expect(stdout).toMatch(/skipped {2}queue: clear empties .*: it would clutter, empty or interrupt a server/)
  expect(stdout).toContain('0 passed, 0 failed, 0 differ, 1 skipped')
  // Nothing was judged, so nothing is said.
  expect(code).toBe(2)
})

test('with permission it is run', { timeout: 60_000 }, async () => {
  const { code, stdout } = await conformance(
    '--url',
    comfyuiUrl(),
    '--case',
    'queue: clear',
    '--allow-destructive',
  )
  expect({ code, passed: stdout.includes('1 passed, 0 failed, 0 differ, 0 skipped') }).toEqual({
    code: 0,
    passed: true,
  })
})

test('what a server lacks is skipped by name, and what needs nothing of it still runs', {
  timeout: 60_000,
}, async () => {
  const main = fileURLToPath(new URL('../mocks/comfyui/src/main.ts', import.meta.url))
  const dataFolder = path.join(folder, 'bare')
  await using bare = await startTwinProcess({ main, dataFolder, flags: ['--checkpoints='] })
  const { stdout } = await conformance('--url', bare.url(), '--json', '--allow-destructive')
  const [{ failed, results }] = JSON.parse(stdout).services
  const reasons = new Map<string, string>(
    results.map((one: CaseResult) => [one.name.split(':')[0], one.reason]),
  )
  expect(failed).toBe(0)
  expect(Object.fromEntries(reasons)).toEqual({
    facts: 'the server offers no checkpoint',
    queue: 'nothing here works long enough: no test nodes, no checkpoint',
    model: 'the server offers no checkpoint',
    failures: 'the server has no test nodes (TProgress, TFail, ...)',
    restart: 'the server would have to be restarted',
  })
})

test.each([
  [
    ['--url', 'http://127.0.0.1:1'],
    2,
    /^conformance: Cannot reach http:\/\/127\.0\.0\.1:1: ECONNREFUSED; [^\n]+\n$/,
  ],
  [
    ['--url', 'nowhere'],
    3,
    /^conformance: Cannot run conformance: --url is "nowhere"; give http:\/\/host:port\n$/,
  ],
  [['--url', 'http://me:pass@127.0.0.1:1'], 3, /^conformance: [^\n]+ give keys by the environment\n$/],
  [['--service', 'x'], 3, /^conformance: [^\n]+ service "x" is unknown; use one of: comfyui[^\n]*\n$/],
  [
    ['--case', 'no such case'],
    3,
    /^conformance: [^\n]+ no case is called like "no such case"; see --list\n$/,
  ],
  [['--allow-destructive'], 3, /^conformance: [^\n]+ give --url too\n$/],
  [['--fast'], 3, /^conformance: [^\n]+ Unknown option '--fast'; see --help\n$/],
])('%j ends with %i and one line', async (args, code, stderr) => {
  const ended = await conformance(...args)
  expect(ended).toEqual({ code, stdout: '', stderr: expect.stringMatching(stderr) })
})

test.each([
  ['a server of another kind', 'hello'],
  ['the control port of a twin', '{"error":{"code":"unauthorized","message":"Cannot answer"}}'],
])('%s is not recognised', async (_name, answer) => {
  await using liar = await startLiar(comfyuiUrl(), { answer: () => answer })
  const { code, stderr } = await conformance('--url', liar.url)
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^conformance: Cannot recognise the service at [^\n]+; give --service\n$/),
  })
})

test('--list names every case once', async () => {
  const { code, stdout } = await conformance('--list')
  const lines = stdout.trimEnd().split('\n')
  expect(code).toBe(0)
  expect(new Set(lines).size).toBe(lines.length)
  expect(lines.length).toBe(contracts.flatMap(({ names }) => names).length)
})

test('a lying server exits with 1 and the difference', { timeout: 60_000 }, async () => {
  const lie: Lie = { status: (asked, status) => (asked === '/api/squall-nowhere' ? 200 : status) }
  await using liar = await startLiar(comfyuiUrl(), lie)
  const { code, stdout } = await conformance('--url', liar.url, '--case', 'http: an unknown path')
  expect(code).toBe(1)
  expect(stdout).toContain(
    'failed   http: an unknown path under /api\n    GET /api/squall-nowhere.status: expected 404, got 200',
  )
  expect(stdout).toContain('1 passed, 1 failed')
})

test('a key that a server repeats is not shown', () => {
  const env = { LITELLM_MASTER_KEY: 'sk-of-the-owner', OPENAI_API_KEY: '' }
  expect(withoutKeys('expected x, got "wrong key sk-of-the-owner"', env)).toBe(
    'expected x, got "wrong key <key>"',
  )
})

test('ended in the middle, it leaves no twin and no folder', { timeout: 30_000 }, async () => {
  const temp = mkdtempSync(path.join(tmpdir(), 'conformance-end-'))
  onTestFinished(() => rmSync(temp, { recursive: true, force: true }))
  const child = spawn(process.execPath, [script], {
    stdio: 'ignore',
    env: { ...process.env, TMPDIR: temp, NODE_COMPILE_CACHE: path.join(tmpdir(), 'node-compile-cache') },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await expect.poll(() => processesAbout(temp).length, { timeout: 20_000 }).toBeGreaterThan(2)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([143, null])
  await expect.poll(() => processesAbout(temp), { timeout: 5000 }).toEqual([])
  expect(readdirSync(temp)).toEqual([])
})

/** Processes with that text in their command line. */
function processesAbout(part: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      const file = `/proc/${pid}/cmdline`
      return existsSync(file) && readFileSync(file, { encoding: 'utf8' }).includes(part)
    })
}
