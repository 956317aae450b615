/** The command as people use it: a process with arguments, two output streams and an exit code. */
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findLeftovers } from '../environment/leftovers.ts'
import { pollUntil } from '../support/poll.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const small = {
  title: 'small',
  topology: { comfyui: 'twin' },
  timeScale: 0.01,
  workload: { kind: 'closed-loop', users: 2, jobsPerUser: 1, mix: ['image'] },
}

describe('wrong words are refused in one line, with code 3', () => {
  test.each([
    [
      ['frobnicate'],
      'Cannot run "frobnicate": unknown command; use one of doctor, up, down, status, inject, heal, run, replay',
    ],
    [['up', 'a1111'], 'Cannot use services a1111: it takes one of comfyui, litellm, wan2gp'],
    [['up', '--sede', '7'], 'Cannot run up: --sede is unknown; see --help'],
    [['run', 'x.yaml', 'y.yaml'], '"y.yaml" is one word too many'],
    [['run', 'nowhere.yaml'], 'Cannot read nowhere.yaml: there is no such file; name an experiment'],
    [['run', '--seed'], '--seed needs a value'],
    [['up', '--engine', 'podman'], 'Cannot use engine podman: it takes one of docker, process'],
    [['up', '--detach', '--engine', 'process'], 'Cannot detach'],
    [['replay', '/'], 'Cannot read /verdict.json'],
    [['down', 'nothing-of-that-name'], 'Cannot take nothing-of-that-name down: there is no such run'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await squall(args)
    expect(stderr).toContain(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stdout).toBe('')
    expect(code).toBe(3)
  })

  test('a malformed experiment names the file and every place, and starts nothing', async () => {
    const file = experimentFile(
      'bad.yaml',
      'title: x\ntopology: { comfyui: twin, a1111: twin }\nworkload: 3\n',
    )
    const { code, stderr } = await squall(['run', file, '--engine', 'process'])
    expect(stderr).toContain(`Cannot use ${file}: `)
    expect(stderr).toContain('a1111')
    expect(stderr).toContain('workload')
    expect(code).toBe(3)
  })

  test('an unknown subject names those there are', async () => {
    const { code, stderr } = await squall(['run', experimentFile('small.json', small), '--subject', 'mine'])
    expect(stderr).toContain('Cannot use subject mine: it is unknown; use one of ')
    expect(code).toBe(3)
  })

  test('an engine that cannot be reached says what to do', async () => {
    const env = { DOCKER_HOST: 'unix:///nonexistent/docker.sock' }
    const { code, stdout, stderr } = await squall(
      ['run', experimentFile('small.json', small), '--engine', 'docker', '--json'],
      env,
    )
    expect(code).toBe(3)
    const [result] = JSON.parse(stdout) as [{ status: string; problem: string }]
    expect(result.status).toBe('broken')
    expect(result.problem).toMatch(/^Cannot reach a container engine: unix:.*; start Docker, set DOCKER_HOST/)
    expect(stderr).toBe('')
  })
})

describe('help', () => {
  test('says what there is, in plain text for a pipe', async () => {
    const { code, stdout } = await squall(['--help'])
    expect(stdout).toContain('squall doctor|up|down|status|inject|heal|run|replay')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(stdout).not.toMatch(/\u001b/)
    expect(code).toBe(0)
  })
})

describe('run and replay on the process engine', () => {
  test('a good run ends with 0, and its folder gives the same verdict again', async () => {
    const { code, stdout } = await squall([
      'run',
      experimentFile('small.json', small),
      '--engine',
      'process',
      '--json',
    ])
    const [result] = JSON.parse(stdout) as [{ outcome: string; status: string; folder: string }]
    expect(result).toMatchObject({ outcome: 'pass', status: 'completed' })
    expect(code).toBe(0)
    expect(JSON.parse(readFileSync(join(result.folder, 'clean.json'), 'utf8'))).toMatchObject({
      clean: true,
      left: [],
    })
    const again = await squall(['replay', result.folder])
    expect(again.stdout).toMatch(/^PASS {2}small/)
    expect(again.code).toBe(0)
    appendFileSync(join(result.folder, 'history.ndjson'), '{"seq":999,"at":1,"type":"phase"}\n')
    const damaged = await squall(['replay', result.folder])
    expect(damaged.stderr).toContain('it was changed after the run; restore it')
    expect(damaged.code).toBe(3)
  }, 60_000)

  test('a run whose fault never bites is unknown, and ends with 2', async () => {
    const never = { when: { jobsQueued: 500 }, forMs: 10, on: 'comfyui', fault: { kind: 'kill' } }
    const file = experimentFile('never.json', {
      ...small,
      title: 'never',
      faults: [never],
      checks: ['fault-was-felt'],
    })
    const { code, stdout } = await squall(['run', file, '--engine', 'process'])
    expect(stdout).toContain('its moment never came')
    expect(code).toBe(2)
  }, 60_000)

  test('two runs at once do not see each other', async () => {
    const file = experimentFile('twice.json', { ...small, title: 'twice' })
    const ended = await Promise.all([1, 2].map(() => squall(['run', file, '--engine', 'process', '--json'])))
    expect(ended.map((run) => run.code)).toEqual([0, 0])
  }, 60_000)

  test('Ctrl-C in the middle heals, removes everything and ends as interrupted', async () => {
    const slow = { ...small, title: 'slow', timeScale: 1 }
    const child = start(['run', experimentFile('slow.json', slow), '--engine', 'process'])
    const running = collect(child)
    await pollUntil({
      what: 'the workload runs',
      everyMs: 20,
      budgetMs: 30_000,
      probe: () => {
        const text = running.stderr()
        return text.includes('steady state') ? { done: true, value: undefined } : { done: false, saw: text }
      },
    })
    child.kill('SIGINT')
    const { code, stdout } = await running.ended
    expect(stdout).toMatch(/^\nINTERRUPTED {2}slow .*\n {2}reason {6}interrupted by SIGINT\n/)
    expect(code).toBe(2)
    expect((await findLeftovers({})).filter((left) => left.owner?.includes(`:${child.pid}:`))).toEqual([])
  }, 60_000)
})

function experimentFile(name: string, content: unknown): string {
  const file = join(folder, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

function squall(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return collect(start(args, env)).ended
}

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  // Run folders of tests stay out of the project's own.
  const runs = args[0] === 'run' ? ['--runs', folder] : []
  return spawn(process.execPath, [main, ...args, ...runs], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function collect(child: ChildProcess): { readonly stderr: () => string; readonly ended: Promise<Ended> } {
  const text = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()))
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...text })))
  return { stderr: () => text.stderr, ended }
}
