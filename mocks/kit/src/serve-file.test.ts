import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { serveFile } from './serve-file.ts'
import { startTwin } from './start-twin.ts'

async function ask(headers: Record<string, string>, method = 'GET', name = 'a.txt') {
  const folder = mkdtempSync(join(tmpdir(), 'twin-kit-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'a.txt'), '0123456789')
  await using twin = await startTwin({
    name: 'files',
    dataFolder: folder,
    create: () => ({
      handle: async (request, response) => {
        const found = await serveFile(request, response, {
          path: join(folder, name),
          headers: { 'content-type': 'text/plain' },
        })
        if (!found) response.writeHead(404).end()
      },
    }),
  })
  const answer = await fetch(twin.url, { method, headers })
  const etag = answer.headers.get('etag') ?? ''
  const again = await fetch(twin.url, { method, headers: { 'if-none-match': etag } })
  return { status: answer.status, headers: answer.headers, body: await answer.text(), again: again.status }
}

test.each([
  [{}, 200, '0123456789', null],
  [{ range: 'bytes=2-4' }, 206, '234', 'bytes 2-4/10'],
  [{ range: 'bytes=7-' }, 206, '789', 'bytes 7-9/10'],
  [{ range: 'bytes=-2' }, 206, '89', 'bytes 8-9/10'],
  [{ range: 'bytes=10-' }, 416, '', 'bytes */10'],
])('range %o', async (headers, status, body, contentRange) => {
  const answer = await ask(headers)
  expect([answer.status, answer.body, answer.headers.get('content-range')]).toEqual([
    status,
    body,
    contentRange,
  ])
})

test('HEAD has the length and no body, a matching tag gives 304, a missing file nothing', async () => {
  const head = await ask({}, 'HEAD')
  expect([head.status, head.headers.get('content-length'), head.body]).toEqual([200, '10', ''])
  expect((await ask({})).again).toBe(304)
  expect((await ask({})).headers.has('etag')).toBe(true)
  expect((await ask({ range: 'bytes=10-' })).headers.has('etag')).toBe(false)
  expect((await ask({}, 'GET', 'missing')).status).toBe(404)
})
