import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { nowMs } from '../../support/clock.ts'
import { registryAnswers, registryHost } from './registry-probe.ts'

test.each([
  ['node:24-bookworm-slim', 'registry-1.docker.io'],
  ['library/node', 'registry-1.docker.io'],
  ['ghcr.io/berriai/litellm:1.2.3', 'ghcr.io'],
  ['localhost/node', 'localhost'],
  ['127.0.0.1:5000/node:24', '127.0.0.1:5000'],
])('%s is held by %s', (reference, host) => {
  expect(registryHost(reference)).toBe(host)
})

test.each([
  [200, true],
  [401, true],
  [403, false],
  [404, false],
  [502, false],
])('status %i of the base route: %s', async (status, expected) => {
  const host = await listen((_, response) => response.writeHead(status).end())
  expect(await registryAnswers(`${host}/node:24`, { env: {} })).toBe(expected)
})

test('a registry that refuses does not answer, at once', async () => {
  const host = await listen(() => undefined, 'closed')
  const beganAt = nowMs()
  expect(await registryAnswers(`${host}/node:24`, { env: {} })).toBe(false)
  expect(nowMs() - beganAt).toBeLessThan(1_000)
})

test('a registry that hangs costs the budget and no more', async () => {
  const host = await listen(() => undefined)
  const beganAt = nowMs()
  expect(await registryAnswers(`${host}/node:24`, { env: {}, budgetMs: 200 })).toBe(false)
  expect(nowMs() - beganAt).toBeGreaterThan(190)
  expect(nowMs() - beganAt).toBeLessThan(1_500)
})

test('asks through the proxy that the environment names', async () => {
  const asked: (string | undefined)[] = []
  const proxy = await listen((request, response) => {
    asked.push(request.url)
    response.writeHead(401).end()
  })
  const answers = await registryAnswers('localhost:1/node:24', { env: { http_proxy: `http://${proxy}` } })
  expect({ answers, asked }).toEqual({ answers: true, asked: ['http://localhost:1/v2/'] })
})

/** A server on loopback; its "host:port". */
async function listen(handle: RequestListener, state: 'open' | 'closed' = 'open'): Promise<string> {
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  if (state === 'closed') await close()
  else onTestFinished(close)
  return `127.0.0.1:${port}`
}
