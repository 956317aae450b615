/** A9 clean-up: `kill -9` of what was started by hand, in the middle of the work. Nothing of the run may be left. */
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { leftoversOf } from '@squall/harness'
import { engines, labelTest, test } from '@squall/harness/vitest'
import { describe, expect, vi } from 'vitest'

const boot = fileURLToPath(new URL('../../scripts/boot.mjs', import.meta.url))
const cleanMsMax = 10_000

const experiment = {
  title: 'A9 killed half way',
  topology: { comfyui: 'twin' },
  timeScale: 1,
  workload: { kind: 'closed-loop', users: 3, jobsPerUser: 20, mix: ['image'] },
}

describe.each(engines)('%s engine', (engine) => {
  test('A9 nothing is left 10 s after kill -9', async ({ onTestFinished }) => {
    await labelTest({ scenario: 'A9 clean-up', engine, backends: ['comfyui'] })
    const folder = mkdtempSync(join(tmpdir(), 'squall-a9-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'experiment.json')
    writeFileSync(file, JSON.stringify(experiment))
    const args = [boot, 'squall', 'run', file, '--engine', engine, '--runs', folder]
    const child = spawn(process.execPath, args, { stdio: 'ignore' })

    const runId = await vi.waitFor(() => runAtWork(folder), { timeout: 60_000, interval: 50 })
    expect(await leftoversOf(runId)).not.toEqual([])
    child.kill('SIGKILL')
    const killedAt = performance.now()
    await vi.waitFor(async () => expect(await leftoversOf(runId)).toEqual([]), {
      timeout: cleanMsMax,
      interval: 100,
    })
    process.stderr.write(
      `  A9 ${engine}: clean ${Math.round(performance.now() - killedAt)} ms after kill -9\n`,
    )
  })
})

/** The id of the run, once a job of it was accepted. */
function runAtWork(folder: string): string {
  const [history] = globSync(join(folder, '.runs/*/*/history.ndjson'))
  if (history === undefined) throw new Error('the run has not begun')
  if (!readFileSync(history, 'utf8').includes('"accepted"')) throw new Error('no job was accepted yet')
  const machine = JSON.parse(readFileSync(join(history, '../machine.json'), 'utf8')) as { runId: string }
  return machine.runId
}
