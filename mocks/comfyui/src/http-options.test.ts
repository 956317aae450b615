/** The flags of the real server that change HTTP answers. */
import { type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, inflateSync } from 'node:zlib'
import type { FlagValues } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { startComfyui } from './testing/observed-twin.ts'

/** Node's fetch decodes and hides what came over the wire; this does not. */
async function ask(url: string, headers: Record<string, string> = {}, method = 'GET') {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>()
  request(url, { headers, method }, resolve).end()
  const answer = await promise
  return { status: answer.statusCode, headers: answer.headers, body: await buffer(answer) }
}

const withFlags = (flags: FlagValues) => startComfyui({ flags })

test.each([
  ['gzip', 'gzip', gunzipSync],
  ['gzip, deflate', 'deflate', inflateSync],
  ['identity', undefined, (bytes: Buffer) => bytes],
] as const)('a client that takes %s gets %s', async (accepted, coding, decode) => {
  await using twin = await withFlags({ 'enable-compress-response-body': true })
  const answer = await ask(`${twin.url}/queue`, { 'accept-encoding': accepted })
  expect(answer.headers['content-encoding']).toBe(coding)
  expect(answer.headers['content-length']).toBe(String(answer.body.length))
  expect(JSON.parse(decode(answer.body).toString())).toEqual({ queue_running: [], queue_pending: [] })
})

test('files and answers without a body are left as they are', async () => {
  await using twin = await withFlags({ 'enable-compress-response-body': true })
  const headers = { 'accept-encoding': 'gzip' }
  expect((await ask(`${twin.url}/view`, headers)).headers).not.toHaveProperty('content-encoding')
  await fetch(`${twin.url}/userdata/a.txt`, { method: 'POST', body: 'a text' })
  const file = await ask(`${twin.url}/userdata/a.txt`, headers)
  expect([file.headers['content-encoding'], file.body.toString()]).toEqual([undefined, 'a text'])
})

test.each([
  ['', '*'],
  ['http://app.example', 'http://app.example'],
])('--enable-cors-header=%j lets other origins in', async (flag, origin) => {
  await using twin = await withFlags({ 'enable-cors-header': flag })
  const foreign = { origin: 'http://elsewhere.example' }
  for (const method of ['GET', 'OPTIONS']) {
    const { status, headers } = await ask(`${twin.url}/prompt`, foreign, method)
    expect([status, headers['access-control-allow-origin']]).toEqual([200, origin])
  }
  const { headers } = await ask(`${twin.url}/prompt`, foreign, 'POST')
  expect(headers).not.toHaveProperty('access-control-allow-origin')
})

test('without it they are refused on loopback', async () => {
  await using twin = await withFlags({})
  expect((await ask(`${twin.url}/prompt`, { origin: 'http://elsewhere.example' })).status).toBe(403)
})

test('--max-upload-size holds for every body, and /features says it', async () => {
  await using twin = await withFlags({ 'max-upload-size': '0.5' })
  const features = (await (await fetch(`${twin.url}/features`)).json()) as object
  expect(features).toMatchObject({ max_upload_size: 524_288 })
  for (const path of ['/prompt', '/userdata/a.txt']) {
    const answer = await fetch(twin.url + path, { method: 'POST', body: 'x'.repeat(600_000) })
    expect([answer.status, await answer.text()]).toEqual([413, 'Maximum request body size 524288 exceeded.'])
  }
  await expect(withFlags({ 'max-upload-size': 'big' })).rejects.toMatchObject({ code: 'bad-flag' })
})

test.each([
  ['GET', '/api/assets?limit=1'],
  ['POST', '/api/assets'],
  ['DELETE', '/api/assets/one'],
  ['GET', '/api/assets/one/content'],
  ['GET', '/api/tags'],
])('%s %s is switched off', async (method, path) => {
  await using twin = await withFlags({})
  const answer = await fetch(twin.url + path, { method })
  expect([answer.status, await answer.json()]).toMatchObject([503, { error: { code: 'SERVICE_DISABLED' } }])
})
