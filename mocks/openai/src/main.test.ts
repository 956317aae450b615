/** The twin as a program: ready line, journal on stdout, signals, refusals. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

test('prints a ready line, then the journal, and ends at once on SIGTERM', async () => {
  using program = start('--port', '0', '--time-scale', '0')
  const lines = createInterface(program.stdout)[Symbol.asyncIterator]()
  const ready = JSON.parse((await lines.next()).value ?? '')
  expect(ready).toMatchObject({ ready: true, url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) })
  const response = await fetch(`${ready.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'squall-chat-1', messages: [{ role: 'user', content: 'hi' }] }),
  })
  const { id } = (await response.json()) as { id: string }
  expect(JSON.parse((await lines.next()).value ?? '')).toMatchObject({ event: 'job-accepted', jobId: id })
  program.kill('SIGTERM')
  expect(await once(program, 'exit')).toEqual([0, null])
})

test('refuses a busy port with one line and code 2', async () => {
  using first = start('--port', '0')
  const ready = JSON.parse((await createInterface(first.stdout)[Symbol.asyncIterator]().next()).value ?? '')
  const { port } = new URL(ready.url)
  using second = start('--port', port)
  const [said, [code]] = await Promise.all([text(second.stderr), once(second, 'exit')])
  expect(said).toMatch(/^twin-openai: Cannot .*; .*\n$/)
  expect(code).toBe(2)
})

test.for([
  ['--token-ms', 'soon'],
  ['--colour', 'red'],
])('refuses the flag %s', async (flags) => {
  using program = start(...flags)
  const [said, [code]] = await Promise.all([text(program.stderr), once(program, 'exit')])
  expect(said).toMatch(/^twin-openai: Cannot .*; .*\n$/)
  expect(code).toBe(2)
})

test('--help prints the flags', async () => {
  using program = start('--help')
  expect(await text(program.stdout)).toContain('--first-token-ms')
})

/** The program itself, killed when the test is over. */
function start(...flags: readonly string[]) {
  const args = [join(import.meta.dirname, 'main.ts'), '--data-folder', tmpdir(), ...flags]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
}
