/** The twin as a program: ready line, environment, signals, refusals. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

test('prints a ready line, takes the key from the environment, and ends at once on SIGTERM', async () => {
  using program = start(['--port', '0'], { LITELLM_MASTER_KEY: 'sk-env' })
  const url = await urlOf(program)
  expect((await fetch(`${url}/v1/models`)).status).toBe(401)
  const headers = { authorization: 'Bearer sk-env' }
  expect((await fetch(`${url}/v1/models`, { headers })).status).toBe(200)
  program.kill('SIGTERM')
  expect(await once(program, 'exit')).toEqual([0, null])
})

test('refuses a busy port with one line and code 2', async () => {
  using first = start(['--port', '0'])
  const { port } = new URL(await urlOf(first))
  using second = start(['--port', port])
  const [said, [code]] = await Promise.all([text(second.stderr), once(second, 'exit')])
  expect(said).toMatch(/^twin-litellm: Cannot .*; .*\n$/)
  expect(code).toBe(2)
})

test.for([
  ['--upstream', 'not-an-address'],
  ['--request-timeout-ms', '0'],
  ['--config', 'no-such-file.yaml'],
  ['--release', '2.0'],
  ['--colour', 'red'],
])('refuses the flag %s', async (flags) => {
  using program = start(flags)
  const [said, [code]] = await Promise.all([text(program.stderr), once(program, 'exit')])
  expect(said).toMatch(/^twin-litellm: Cannot .*; .*\n$/)
  expect(code).toBe(2)
})

/** The program itself, killed when the test is over. */
function start(flags: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const args = [join(import.meta.dirname, 'main.ts'), '--data-folder', tmpdir(), ...flags]
  return spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
}

async function urlOf(program: ReturnType<typeof start>): Promise<string> {
  const line = await createInterface(program.stdout)[Symbol.asyncIterator]().next()
  return (JSON.parse(line.value ?? '') as { url: string }).url
}
