/** The examples do what the documents say of them. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

function squall(...args: readonly string[]) {
  const runs = mkdtempSync(join(tmpdir(), 'squall-examples-'))
  const all = [join(root, 'harness/src/cli/main.ts'), ...args, '--engine', 'process', '--runs', runs]
  const { status, stdout } = spawnSync(process.execPath, all, {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  })
  rmSync(runs, { recursive: true })
  return { status, stdout }
}

test('the reference client survives the kill of ComfyUI', () => {
  const { status, stdout } = squall('run', 'examples/comfyui-killed.yaml')
  expect(stdout).toMatch(/^\nPASS {2}comfyui killed mid-job/)
  expect(status).toBe(0)
}, 60_000)

test('the naive client loses its jobs, and they are named', () => {
  const { status, stdout } = squall(
    'run',
    'examples/comfyui-killed.yaml',
    '--subject',
    'examples/naive-client.ts',
  )
  expect(stdout).toMatch(/^\nFAIL {2}comfyui killed mid-job/)
  expect(stdout).toMatch(/image job u0\.0 on comfyui \([0-9a-f-]{36}\) lost: fetch failed/)
  expect(status).toBe(1)
}, 60_000)
