/** The twin as a program: ready line, signals, exit codes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { within } from './testing/chain.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-wan2gp-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function start(port: string) {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'main.ts'), '--port', port, '--data-folder', folder, '--time-scale', '0.01'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  return { child, exit: once(child, 'exit') as Promise<[number | null]> }
}

test('says when it listens, refuses a busy port, and leaves at SIGTERM', async () => {
  const first = start('0')
  using _first = { [Symbol.dispose]: () => void first.child.kill('SIGKILL') }
  const [line] = (await within('ready', once(createInterface(first.child.stdout), 'line'))) as [string]
  const { ready, url } = JSON.parse(line) as { ready: boolean; url: string }
  expect(ready).toBe(true)
  expect((await fetch(`${url}/config`)).status).toBe(200)

  const second = start(new URL(url).port)
  using _second = { [Symbol.dispose]: () => void second.child.kill('SIGKILL') }
  const errors: string[] = []
  second.child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()))
  expect((await within('exit', second.exit))[0]).toBe(2)
  expect(errors.join('')).toMatch(/^twin-wan2gp: Cannot listen .*; .*\n$/)

  first.child.kill('SIGTERM')
  expect((await within('exit', first.exit))[0]).toBe(0)
})
