/** The program around a twin, as the harness sees it: a child process, its two streams and its exit code. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'

const barrel = new URL('index.ts', import.meta.url).href

/** A twin that writes one journal line per request. */
function spawnTwin(...flags: readonly string[]): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), 'twin-kit-'))
  const main = join(folder, 'main.mjs')
  writeFileSync(
    main,
    `import { runTwin } from '${barrel}'
     await runTwin({ name: 'probe', defaultPort: 0, create: (context) => ({
       handle: (request, response) => { context.journal('output', { jobId: request.url }); response.end('ok') } }) })`,
  )
  const child = spawn(process.execPath, [main, '--data-folder', folder, ...flags])
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  })
  return child
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return chunk.toString().split('\n')[0] ?? ''
}

test('the first line says it listens; journal lines survive SIGKILL', async () => {
  const child = spawnTwin()
  const ready = JSON.parse(await firstLine(child)) as { ready: boolean; url: string }
  expect(ready.ready).toBe(true)
  const rest = text(child.stdout as NodeJS.ReadableStream)
  for (const path of ['/1', '/2']) expect(await (await fetch(ready.url + path)).text()).toBe('ok')
  child.kill('SIGKILL')
  const lines = (await rest)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.map(({ event, jobId }) => [event, jobId])).toEqual([
    ['output', '/1'],
    ['output', '/2'],
  ])
})

test('the ready line names the control port and the file with its token, never the token', async () => {
  const child = spawnTwin()
  const line = await firstLine(child)
  const ready = JSON.parse(line) as { control: string; tokenFile: string }
  const token = readFileSync(ready.tokenFile, 'utf8')
  expect(line).not.toContain(token)
  const response = await fetch(`${ready.control}/points`, { headers: { authorization: `Bearer ${token}` } })
  expect(Object.keys((await response.json()) as object)).toEqual(['probe.process.start'])
})

test('--faults harms the twin from its first moment; the port refuses until it is healed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'twin-kit-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'faults.json')
  writeFileSync(
    file,
    JSON.stringify([{ point: 'probe.process.start', action: { kind: 'crash', exitCode: 7 } }]),
  )
  const child = spawnTwin('--faults', file)
  child.stdout?.resume()
  expect(await once(child, 'exit')).toEqual([7, null])
  writeFileSync(file, '[{"point":"probe.process.start"}]')
  const refused = spawnTwin('--faults', file)
  expect(await text(refused.stderr as NodeJS.ReadableStream)).toMatch(
    /^twin-probe: Cannot arm the fault: \[0\]/,
  )
})

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends with 0', async (signal) => {
  const child = spawnTwin()
  await firstLine(child)
  child.kill(signal)
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('a busy port and bad flags give one line and exit code 2', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  const cases: [readonly string[], RegExp][] = [
    [['--port', String(port)], /^twin-probe: Cannot listen on 127\.0\.0\.1:\d+: the port is in use; .*\n$/],
    [['--port', 'x'], /^twin-probe: Cannot read the flags: --port is 'x'; .*\n$/],
    [['--bogus', '1'], /^twin-probe: Cannot read the flags: --bogus is unknown; .*\n$/],
  ]
  for (const [flags, message] of cases) {
    const child = spawnTwin(...flags)
    const [stderr, [code]] = await Promise.all([
      text(child.stderr as NodeJS.ReadableStream),
      once(child, 'exit') as Promise<[number]>,
    ])
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
  }
})

test('--help prints every flag', async () => {
  const child = spawnTwin('--help')
  const help = await text(child.stdout as NodeJS.ReadableStream)
  for (const flag of ['--host', '--port', '--data-folder', '--seed', '--time-scale'])
    expect(help).toContain(flag)
})
