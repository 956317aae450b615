/** The twin as a process: ready line, journal that survives SIGKILL, a busy port, a restart on the same folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { connect, submit, temporaryFolder } from './testing/observed-twin.ts'
import { sd15Graph } from './testing/sd15-graph.ts'

type Line = Readonly<Record<string, unknown>>

function spawnTwin(...flags: readonly string[]): ChildProcess {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, '--data-folder', temporaryFolder(), ...flags])
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Collects stdout lines; the promise gives the first one. */
function watchLines(child: ChildProcess): { lines: Line[]; ready: Promise<Line>; ended: Promise<unknown> } {
  const lines: Line[] = []
  const reader = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const ready = new Promise<Line>((resolve) => {
    reader.on('line', (line) => {
      lines.push(JSON.parse(line) as Line)
      resolve(lines[0] ?? {})
    })
  })
  return { lines, ready, ended: once(reader, 'close') }
}

test('a killed twin leaves every journal line up to its death', async () => {
  const child = spawnTwin('--port', '0', '--time-scale', '0.5')
  const { lines, ready, ended } = watchLines(child)
  const { ready: isReady, url } = await ready
  expect(isReady).toBe(true)
  const client = await connect(String(url), 'client-a')
  const id = await submit(String(url), sd15Graph({ steps: 1000 }), 'client-a')
  await client.until(({ type }) => type === 'progress')
  const closed = new Promise<number>((resolve) => client.socket.once('close', resolve))
  child.kill('SIGKILL')
  expect(await closed).toBe(1006)
  await ended
  expect(lines.slice(1).map(({ event, jobId, clientId }) => [event, jobId ?? clientId])).toEqual([
    ['client-connected', 'client-a'],
    ['job-accepted', id],
    ['job-started', id],
  ])
  for (const { at } of lines.slice(1)) expect(Math.abs(Number(at) - Date.now())).toBeLessThan(60_000)
})

test('SIGTERM ends with 0 in the middle of a job', async () => {
  const child = spawnTwin('--port', '0')
  const { ready } = watchLines(child)
  const { url } = await ready
  await submit(String(url), sd15Graph())
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('a busy port is one line on stderr and exit code 2', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const child = spawnTwin('--port', String((taken.address() as { port: number }).port))
  const [stderr, exit] = await Promise.all([text(child.stderr as NodeJS.ReadableStream), once(child, 'exit')])
  expect(stderr).toMatch(/^twin-comfyui: Cannot listen on 127\.0\.0\.1:\d+: the port is in use; [^\n]*\n$/)
  expect(exit).toEqual([2, null])
})
