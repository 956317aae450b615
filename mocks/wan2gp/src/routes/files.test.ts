/** Files in and out, as a real Gradio 5.29.0 answers: names, ranges and their quirks, ways out of the folders. */

import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { within } from '../testing/chain.ts'
import { startTestTwin, type TestTwin } from '../testing/twin-in-folder.ts'

let twin: TestTwin

beforeEach(async () => {
  twin = await startTestTwin()
})

afterEach(async () => {
  await twin[Symbol.asyncDispose]()
})

async function upload(name: string, bytes = 'hi\n', query = ''): Promise<string> {
  const form = new FormData()
  form.append('files', new Blob([bytes]), name)
  const response = await fetch(`${twin.url}/gradio_api/upload${query}`, { method: 'POST', body: form })
  const [path] = (await response.json()) as string[]
  return path ?? ''
}

test.each([
  ['../../../etc/x.txt', /^x\.txt$/],
  ['a b<é>&;.txt', /^a bé\.txt$/],
  [`${'a'.repeat(300)}.txt`, /^a{196}\.txt$/],
])('an upload called %j is kept in the cache as %s', async (name, kept) => {
  const [, folder, stored = ''] = /^(.*)\/([^/]+)$/.exec(await upload(name)) ?? []
  expect(folder).toMatch(new RegExp(`^${join(twin.folder, 'gradio')}/[0-9a-f]{64}$`))
  expect(stored).toMatch(kept)
})

test.each([
  ['a part that never ends', 'multipart/form-data; boundary=b', '--b\r\nx', 200, '[]'],
  ['no boundary', 'multipart/form-data', '--b\r\nx', 400, 'Missing boundary in multipart.'],
])('a form with %s', async (_name, type, body, status, answer) => {
  const headers = { 'content-type': type }
  const response = await fetch(`${twin.url}/gradio_api/upload`, { method: 'POST', headers, body })
  expect([response.status, await response.text()]).toEqual([status, answer])
})

/** A form with one part, under the given head. */
async function postPart(head: string): Promise<[number, string]> {
  const headers = { 'content-type': 'multipart/form-data; boundary=b' }
  const body = `--b\r\nContent-Disposition: form-data; name="files"${head}\r\n\r\nhi\r\n--b--\r\n`
  const response = await fetch(`${twin.url}/gradio_api/upload`, { method: 'POST', headers, body })
  return [response.status, await response.text()]
}

test('a file with an empty name gets one', async () => {
  const answer = await postPart('; filename=""\r\nContent-Type: application/octet-stream')
  expect(answer).toEqual([200, expect.stringMatching(/\/tmp[0-9a-f]{10}"\]$/)])
})

test('text where a file should be ends in a traceback', async () => {
  const traceback = expect.stringContaining(
    'TypeError: File is not an instance of GradioUploadFile',
  ) as unknown
  expect(await postPart('')).toEqual([500, traceback])
})

test('the pieces of an upload can be watched while it comes, and its end', async () => {
  const headers = { 'content-type': 'multipart/form-data; boundary=b' }
  const uploading = request(`${twin.url}/gradio_api/upload?upload_id=u1`, { method: 'POST', headers })
  uploading.on('error', () => undefined)
  uploading.write('--b\r\nContent-Disposition: form-data; name="files"; filename="big.bin"\r\n\r\n')
  uploading.write('x'.repeat(100_000))
  const progress = await within('progress', fetch(`${twin.url}/gradio_api/upload_progress?upload_id=u1`))
  const reader = progress.body?.getReader()
  const read = async (): Promise<string> =>
    Buffer.from((await within('update', reader?.read() ?? Promise.reject())).value ?? []).toString()
  expect(await read()).toMatch(
    /^data: \{"msg": "update", "orig_name": "big.bin", "chunk_size": \d{4,6}\}\n\n/,
  )
  uploading.end('y\r\n--b--\r\n')
  let last = ''
  while (!last.endsWith('data: {"msg": "done"}\n\n')) last = await read()
})

test('an upload that never comes is not found after three seconds', async () => {
  const beginMs = performance.now()
  const response = await fetch(`${twin.url}/gradio_api/upload_progress?upload_id=none`)
  expect([response.status, await response.text()]).toEqual([404, 'Upload not found'])
  expect(performance.now() - beginMs).toBeGreaterThan(2990)
})

type Answer = { status: number; headers: Record<string, unknown>; body: string }

/** By hand, because `fetch` adds headers of its own, which a range answer echoes. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, path: `/gradio_api/file=${path}` }
    request(twin.url, options, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
      .on('error', reject)
      .end()
  })
}

test('a whole file', async () => {
  const path = await upload('a.png')
  const { status, headers, body } = await get(path)
  expect([status, body]).toEqual([200, 'hi\n'])
  expect(headers).toMatchObject({
    'accept-ranges': 'bytes',
    'content-type': 'image/png',
    'content-disposition': 'inline; filename="a.png"',
    'content-length': '3',
    etag: expect.stringMatching(/^"[0-9a-f]{32}"$/) as unknown,
  })
  expect((await get(path, { 'if-none-match': String(headers['etag']) })).status).toBe(200)
  const head = await get(path, {}, 'HEAD')
  expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '3', ''])
})

test('what a browser could run comes as an attachment', async () => {
  const { headers } = await get(await upload('a.html'))
  expect(headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment; filename="a.html"',
  })
})

test.each([
  ['bytes=0-1', 'bytes 0-1/3', 'hi'],
  ['bytes=0-2', 'bytes 0-2/3', 'hi\n'],
  ['bytes=2-1', 'bytes 1-1/3', 'i'],
])('a closed range %s echoes the request', async (range, contentRange, body) => {
  const answer = await get(await upload('a.png'), { range, 'x-mine': '1', cookie: 'a=b' })
  expect([answer.status, answer.headers['content-range'], answer.body]).toEqual([206, contentRange, body])
  expect(answer.headers).toMatchObject({
    range,
    'x-mine': '1',
    cookie: 'a=b',
    'content-disposition': 'inline',
  })
  expect(answer.headers).not.toHaveProperty('accept-ranges')
})

test.each([
  ['bytes=0-0', 'bytes 0-3/3', '4', 'hi\n'],
  ['bytes=1-50', 'bytes 1-3/3', '3', 'i\n'],
  ['bytes=9-12', 'bytes 3-3/3', '1', ''],
])('a closed range %s beyond the end is announced too long and never ends', async (range, ...seen) => {
  const path = await upload('a.png')
  const response = await fetch(`${twin.url}/gradio_api/file=${path}`, {
    headers: { range },
    signal: AbortSignal.timeout(400),
  })
  let body = ''
  const reading = (async () => {
    for await (const chunk of response.body ?? []) body += Buffer.from(chunk as Uint8Array).toString()
  })()
  await expect(reading).rejects.toThrow('aborted due to timeout')
  const { headers } = response
  expect([headers.get('content-range'), headers.get('content-length'), body]).toEqual(seen)
})

test.each([
  ['bytes=1-', 206, 'i\n'],
  ['bytes=-1', 206, '\n'],
  ['bytes=9-', 416, ''],
  ['bytes=x', 400, 'Range header: range must be requested'],
  ['lines=1-2', 400, 'Only support bytes range'],
  ['bytes', 400, 'Malformed range header.'],
])('another range, %s, is answered by Starlette', async (range, status, body) => {
  const answer = await get(await upload('a.png'), { range, 'x-mine': '1' })
  expect([answer.status, answer.body]).toEqual([status, body])
  expect(answer.headers).not.toHaveProperty('x-mine')
})

test('no path leads out of the two folders', async () => {
  writeFileSync(join(twin.folder, 'secret.txt'), 'x')
  const inside = await upload('a.png')
  const paths = [
    '/etc/passwd',
    `${twin.folder}/secret.txt`,
    `${twin.folder}/outputs/../secret.txt`,
    `${twin.folder}/outputs/%2e%2e/secret.txt`,
    `${twin.folder}/outputs/..%2fsecret.txt`,
    `${twin.folder}/gradio`,
    `${twin.folder}/outputs-of-another`,
    `${inside}%00`,
    'none.mp4',
    '//host/share',
    '',
  ]
  for (const path of paths) {
    const { status, body } = await get(path)
    expect([path, status]).toEqual([path, 403])
    expect(body).toBe(JSON.stringify({ detail: `File not allowed: ${decodeURIComponent(path)}.` }))
  }
  expect((await get('http://example.invalid/x')).headers['location']).toBe('http://example.invalid/x')
})
