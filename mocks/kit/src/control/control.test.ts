import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { hostTwin } from '../host-twin.ts'
import { probeTwin } from '../testing/probe-twin.ts'
import { openControlToken } from './control-token.ts'
import { serveControl } from './serve-control.ts'

let url = ''
let control = ''
let dataFolder = ''
const token = 'a-token-of-some-length'

beforeEach(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'twin-kit-'))
  const hosted = hostTwin(probeTwin, {
    seed: 1,
    timeScale: 1,
    dataFolder,
    flags: { config: join(dataFolder, 'settings', 'config.yaml'), 'output-folder': join(dataFolder, 'out') },
    onLine: () => undefined,
    crash: () => undefined,
  })
  const served = await hosted.listen({ host: '127.0.0.1', port: 0 })
  const server = await serveControl(hosted.control, { host: '127.0.0.1', port: 0, token })
  url = served.url
  control = server.url
  return async () => {
    server.close()
    await served.close()
    rmSync(dataFolder, { recursive: true })
  }
})

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(control + path, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: text }),
  })
  return { status: response.status, json: await response.json() }
}

/** The rest is of the process: a number alone would name another fault after a restart. */
const idOfNumber = (number: number): string =>
  expect.stringMatching(new RegExp(`^f${number}-[0-9a-f]{6}$`)) as string

const greet = (): Promise<Response> => fetch(`${url}/greet?name=you`)

test('a fault is armed, bites, shows it, and is healed', async () => {
  const fault = { point: 'probe.http.greet', action: { kind: 'status', status: 502 } }
  const armed = await ask('POST', '/faults', fault)
  expect(armed).toMatchObject({ status: 201, json: { id: idOfNumber(1), applied: 0 } })
  const { id } = armed.json as { id: string }
  expect((await greet()).status).toBe(502)
  expect(await ask('GET', '/faults')).toMatchObject({ json: [{ id, ...fault, seen: 1, applied: 1 }] })
  const { json } = await ask('GET', '/journal?after=1')
  expect(json).toMatchObject({
    lines: [{ event: 'fault-applied', point: 'probe.http.greet' }],
    next: 2,
    missed: 0,
  })
  expect(await ask('DELETE', '/faults/f1')).toMatchObject({
    status: 404,
    json: { error: { code: 'no-fault' } },
  })
  expect(await ask('DELETE', `/faults/${id}`)).toMatchObject({ status: 200, json: [] })
  expect((await greet()).status).toBe(200)
})

test('what a reset has dropped is not handled afterwards', async () => {
  await ask('POST', '/faults', { point: 'probe.http.greet', action: { kind: 'stall' } })
  const held = greet().catch(() => 'dropped')
  await expect.poll(() => ask('GET', '/faults')).toMatchObject({ json: [{ applied: 1 }] })
  await ask('POST', '/reset')
  expect(await held).toBe('dropped')
  expect(await ask('GET', '/journal')).toMatchObject({ json: { lines: [{ event: 'reset' }], next: 1 } })
})

test('a list is armed whole or not at all', async () => {
  const good = { point: 'probe.work', action: { kind: 'drop' } }
  expect(await ask('POST', '/faults', [good, { ...good, point: 'probe.nothing' }])).toMatchObject({
    status: 400,
    json: { error: { code: 'bad-fault', message: expect.stringContaining('[1]') as string } },
  })
  expect(await ask('GET', '/faults')).toMatchObject({ json: [] })
  expect(await ask('POST', '/faults', [good, good])).toMatchObject({
    status: 201,
    json: [{ id: idOfNumber(1) }, { id: idOfNumber(2) }],
  })
  expect(await ask('DELETE', '/faults')).toMatchObject({ json: [] })
})

test('a reset is like a restart on the same port', async () => {
  await greet()
  await ask('POST', '/faults', { point: 'probe.work', action: { kind: 'drop' } })
  expect(await ask('GET', '/state')).toMatchObject({ json: { faults: 1, greeted: 1 } })
  expect(await ask('POST', '/reset')).toMatchObject({ status: 200, json: { faults: 0, greeted: 0 } })
  expect(await ask('GET', '/journal')).toMatchObject({ json: { lines: [{ event: 'reset' }] } })
  expect((await greet()).status).toBe(200)
})

test('emptied of its files, a twin keeps the ones that its next start needs', async () => {
  const files = ['settings/config.yaml', 'settings/other', 'out/a.png', 'control-token']
  for (const file of files) {
    mkdirSync(dirname(join(dataFolder, file)), { recursive: true })
    writeFileSync(join(dataFolder, file), '')
  }
  expect((await ask('POST', '/reset', { files: true })).status).toBe(200)
  expect(files.filter((file) => existsSync(join(dataFolder, file)))).toEqual([
    'settings/config.yaml',
    'control-token',
  ])
})

test.each([
  ['POST', '/faults', '{', 400, 'bad-json'],
  ['POST', '/faults', 'null', 400, 'bad-fault'],
  ['GET', '/journal?after=-1', undefined, 400, 'bad-query'],
  ['POST', '/reset', '{"file": true}', 400, 'bad-query'],
  ['POST', '/reset', '[1]', 400, 'bad-query'],
  ['POST', '/faults', '['.repeat(20_000), 400, 'bad-fault'],
  ['DELETE', '/faults/', undefined, 404, 'no-fault'],
  ['GET', '/nothing', undefined, 404, 'unknown-endpoint'],
  ['POST', '/faults', ' '.repeat(2_000_000), 413, 'body-too-large'],
])('%s %s is refused with a code', async (method, path, body, status, code) => {
  expect(await ask(method, path, body)).toMatchObject({ status, json: { error: { code } } })
})

test.each([undefined, 'Bearer wrong', `Basic ${token}`, 'Bearer '])('%s opens nothing', async (header) => {
  for (const path of ['/', '/points', '/faults', '/journal', '/state', '/nothing']) {
    const response = await fetch(control + path, {
      headers: header === undefined ? {} : { authorization: header },
    })
    expect(response.status).toBe(401)
    expect(await response.text()).not.toContain('probe')
  }
  // The public port knows nothing of it, with or without the token.
  expect((await fetch(`${url}/faults`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(404)
})

test('a token is made anew for each start, and only its owner can read it', () => {
  const first = openControlToken(dataFolder, {})
  const second = openControlToken(dataFolder, {})
  expect(first.token).not.toBe(second.token)
  expect(readFileSync(String(second.file), 'utf8')).toBe(second.token)
  expect(statSync(String(second.file)).mode & 0o777).toBe(0o600)
  expect(openControlToken(dataFolder, { SQUALL_CONTROL_TOKEN: token })).toEqual({ token })
  expect(() => openControlToken(dataFolder, { SQUALL_CONTROL_TOKEN: 'short' })).toThrow('longer one')
})
