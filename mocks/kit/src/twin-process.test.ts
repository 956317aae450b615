/** A twin as a child process: it listens, ends, comes back on its port, and says why when it does not start. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startTwinProcess } from './twin-process.ts'

const barrel = new URL('index.ts', import.meta.url).href

/** A program that journals one line for each request. */
function program(text: string): { readonly main: string; readonly dataFolder: string } {
  const dataFolder = mkdtempSync(join(tmpdir(), 'twin-kit-'))
  onTestFinished(() => rmSync(dataFolder, { recursive: true, force: true }))
  const main = join(dataFolder, 'main.mjs')
  writeFileSync(main, text)
  return { main, dataFolder }
}

const twin = `import { runTwin } from '${barrel}'
  await runTwin({ name: 'probe', defaultPort: 0, create: (context) => ({
    handle: (request, response) => { context.journal('output', { jobId: request.url }); response.end('ok') } }) })`

test('ended and started again on the same port, with one journal', async () => {
  await using running = await startTwinProcess(program(twin))
  const url = running.url()
  expect(await (await fetch(`${url}/1`)).text()).toBe('ok')
  expect(running.isRunning()).toBe(true)
  expect(await running.end('SIGTERM')).toEqual({ code: 0, signal: null })
  expect(await running.end('SIGKILL')).toEqual({ code: 0, signal: null })
  expect(running.isRunning()).toBe(false)
  await running.startAgain()
  expect(running.url()).toBe(url)
  await fetch(`${url}/2`, { headers: { connection: 'close' } })
  await expect.poll(() => running.journal.map((line) => line['jobId'])).toEqual(['/1', '/2'])
})

test('one that does not start says why', async () => {
  const broken = program("process.stderr.write('no model'); process.exit(4)")
  await expect(startTwinProcess(broken)).rejects.toMatchObject({
    code: 'cannot-start',
    message: `Cannot start ${broken.main}: it ended with 4; no model`,
  })
})

test('one that never listens is ended', async () => {
  const mute = program("import { createServer } from 'node:net'; createServer().listen(0)")
  await expect(startTwinProcess({ ...mute, startBudgetMs: 300 })).rejects.toThrow(
    'no ready line within 300 ms',
  )
})
