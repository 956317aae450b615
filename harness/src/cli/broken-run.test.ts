/** Promises the harness cannot keep end a run as broken, with code 3, and nothing of it stays. Process engine. */
import { type ChildProcess, spawn } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { findLeftovers } from '../environment/leftovers.ts'
import { ownOwner } from '../environment/owner.ts'
import { findRunFolders } from '../environment/temp-folder.ts'
import { pollUntil } from '../support/poll.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

const experiment = {
  title: 'guarded',
  topology: { comfyui: 'twin' },
  timeScale: 0.1,
  workload: { kind: 'closed-loop', users: 2, jobsPerUser: 1, mix: ['image'] },
  faults: [{ when: { jobsRunning: 1 }, forMs: 1000, on: 'comfyui', fault: { kind: 'pause' } }],
}

test('the reaper killed in mid run ends it as broken, and the harness cleans up itself', async ({
  onTestFinished,
}) => {
  const run = await faultInForce(onTestFinished)
  const reaper = findRunFolders().find(({ marker }) => marker.run === run.runId)?.marker.reaper
  process.kill(Number(reaper?.split(':')[1]), 'SIGKILL')
  const { code, stdout } = await run.ended
  expect(stdout).toMatch(/BROKEN {2}guarded[^]*its reaper ended \(SIGKILL\); end the run/)
  expect(code).toBe(3)
  expect(run.read('clean.json')).toMatchObject({ clean: true, left: [] })
  expect(await findLeftovers({ runId: run.runId })).toEqual([])
}, 60_000)

test('a reaper that answers no more is as good as dead', async ({ onTestFinished }) => {
  const run = await faultInForce(onTestFinished, { SQUALL_LEASE_MS: '1000' })
  const reaper = findRunFolders().find(({ marker }) => marker.run === run.runId)?.marker.reaper
  process.kill(Number(reaper?.split(':')[1]), 'SIGSTOP')
  const { code, stdout } = await run.ended
  expect(stdout).toMatch(/BROKEN {2}guarded[^]*its reaper has not answered for 1000 ms/)
  expect(code).toBe(3)
  expect(await findLeftovers({ runId: run.runId })).toEqual([])
}, 60_000)

test('something left behind ends a good run as broken and is named; what others leave is theirs', async ({
  onTestFinished,
}) => {
  const run = await faultInForce(onTestFinished)
  const ports = join(tmpdir(), 'squall-ports')
  // Outside the range that is drawn from, so that no other test meets them.
  writeFileSync(join(ports, '11'), `${ownOwner()} ${run.runId}`)
  writeFileSync(join(ports, '12'), `${ownOwner()} somebody-else`)
  onTestFinished(() => ['11', '12'].forEach((port) => rmSync(join(ports, port), { force: true })))
  const { code, stdout } = await run.ended
  expect(stdout).toMatch(/BROKEN {2}guarded/)
  expect(stdout).toContain('NOT as before: left: reservation port 11;')
  expect(code).toBe(3)
  expect(run.read('clean.json')).toMatchObject({ clean: false, left: ['reservation port 11'] })
}, 60_000)

type Command = { readonly code: number | null; readonly stdout: string }

/** The command at work, with its target frozen. */
async function faultInForce(
  onTestFinished: (clean: () => void) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<{ runId: string; ended: Promise<Command>; read: (name: string) => unknown }> {
  const folder = mkdtempSync(join(tmpdir(), 'squall-broken-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'guarded.json')
  writeFileSync(file, JSON.stringify(experiment))
  const child = spawn(process.execPath, [main, 'run', file, '--engine', 'process', '--runs', folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
  })
  const ended = endOf(child)
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(globSync(join(folder, '.runs/*/*', name))[0] ?? '', 'utf8'))
  await pollUntil({
    what: 'the fault is in force',
    everyMs: 20,
    budgetMs: 30_000,
    probe: () => {
      const [history = ''] = globSync(join(folder, '.runs/*/*/history.ndjson'))
      const isActive = /"what":"active"/.test(readFileSync(history, 'utf8'))
      return isActive ? { done: true, value: undefined } : { done: false, saw: 'no fault yet' }
    },
  })
  return { runId: (read('machine.json') as { runId: string }).runId, ended, read }
}

function endOf(child: ChildProcess): Promise<Command> {
  let stdout = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout })))
}
