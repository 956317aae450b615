/** `--check` of every twin there is, as a user starts it, and of twins that are broken on purpose. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const mocks = fileURLToPath(new URL('../mocks', import.meta.url))
const twins = readdirSync(mocks).filter((name) => existsSync(path.join(mocks, name, 'src/main.ts')))

/** With a temp folder of its own, so that leftovers can be seen. */
async function check(name: string, ...flags: readonly string[]) {
  const temp = mkdtempSync(path.join(tmpdir(), 'self-check-test-'))
  onTestFinished(() => rmSync(temp, { recursive: true }))
  const child = spawn(process.execPath, [path.join(mocks, name, 'src/main.ts'), '--check', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temp, NODE_COMPILE_CACHE: path.join(tmpdir(), 'node-compile-cache') },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code: code as unknown, stdout, stderr, left: readdirSync(temp) }
}

type Step = { readonly step: string; readonly outcome: string; readonly detail: string }

/** Steps by outcome, of a check in JSON. */
function stepsOf(stdout: string, outcome: string): string[] {
  const { steps } = JSON.parse(stdout) as { steps: Step[] }
  return steps.filter((one) => one.outcome === outcome).map(({ step }) => step)
}

test('there are twins to check', () => {
  expect(twins).toEqual(expect.arrayContaining(['comfyui', 'litellm', 'openai', 'wan2gp']))
})

test.each(twins)('%s passes its eight steps and leaves nothing', { timeout: 60_000 }, async (name) => {
  const { code, stdout, left } = await check(name)
  const lines = stdout.trimEnd().split('\n')
  expect(lines.pop()).toBe('8 passed, 0 failed')
  expect(lines.map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual(
    [
      'start',
      'HTTP',
      expect.any(String),
      'status message',
      'stop',
      'restart',
      'reconnection',
      'clean-up',
    ].map((step) => ['ok', step]),
  )
  for (const line of lines) expect(line).toMatch(/ \d+ ms {2}\S/)
  expect({ code, left }).toEqual({ code: 0, left: [] })
})

test('--json is one object', { timeout: 60_000 }, async () => {
  const { code, stdout } = await check('comfyui', '--json', '--seed', '5')
  const result: unknown = JSON.parse(stdout)
  expect({ code, result }).toMatchObject({
    code: 0,
    result: { twin: 'comfyui', ok: true, passed: 8, failed: 0 },
  })
})

/** Arms the faults before the twin starts. */
function faultsFile(...faults: readonly object[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'self-check-faults-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'faults.json')
  writeFileSync(file, JSON.stringify(faults))
  return file
}

test.each([
  ['comfyui', 'status message', { point: 'comfyui.ws.hello', action: { kind: 'drop' } }],
  ['comfyui', 'HTTP', { point: 'comfyui.http.system-stats', action: { kind: 'status', status: 503 } }],
] as const)(
  '%s that is broken fails at "%s", and is removed',
  { timeout: 60_000 },
  async (name, step, fault) => {
    const { code, stdout, left } = await check(name, '--json', '--faults', faultsFile(fault))
    expect(stepsOf(stdout, 'failed')).toEqual([step])
    expect(stepsOf(stdout, 'passed').at(-1)).toBe('clean-up')
    expect(stepsOf(stdout, 'not run').length + stepsOf(stdout, 'passed').length).toBe(7)
    expect({ code, left }).toEqual({ code: 1, left: [] })
  },
)

test('a port that is taken fails the start, and says so', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  const { code, stdout, left } = await check('comfyui', '--port', String(port))
  expect(stdout).toMatch(/^FAIL {2}start .*the port is in use/)
  expect(stdout).toMatch(/\n0 passed, 1 failed\n$|\n1 passed, 1 failed\n$/)
  expect({ code, left }).toEqual({ code: 1, left: [] })
})

test('a bad flag is refused before anything starts', async () => {
  const { code, stderr } = await check('comfyui', '--bogus')
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/--bogus is unknown/) })
  const child = spawn(process.execPath, [path.join(mocks, 'comfyui/src/main.ts'), '--json'])
  onTestFinished(() => void child.kill('SIGKILL'))
  expect(await text(child.stderr)).toMatch(/--json is about --check/)
})
