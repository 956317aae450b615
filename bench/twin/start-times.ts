/**
 * From `spawn` to the first line of output, for each twin and for what Node itself needs to print one line. The
 * difference is the twin's.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { firstLine, programScript, twinScript } from './server.ts'

const twins = ['comfyui', 'wan2gp', 'litellm', 'openai'] as const

/** One start of each, one after the other, ms. */
export async function startOnce(): Promise<Record<string, number>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'squall-bench-'))
  try {
    const ms: Record<string, number> = {
      'bare node': await timeToFirstLine(['-e', 'process.stdout.write("here\\n")']),
      'null node:http': await timeToFirstLine([programScript('null-http')]),
    }
    for (const name of twins)
      ms[name] = await timeToFirstLine([twinScript(name), '--port', '0', '--data-folder', folder])
    return ms
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function timeToFirstLine(args: readonly string[]): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await firstLine(child)
  const ms = performance.now() - began
  if (child.exitCode === null) {
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  return ms
}
