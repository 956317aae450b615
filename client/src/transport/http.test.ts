import { once } from 'node:events'
import { expect, test } from 'vitest'
import { defaultLimits } from '../limits.ts'
import { wait } from './clock.ts'
import { Http } from './http.ts'
import { Measurements } from './measurements.ts'
import { testServer } from './test-server.ts'

const never = new AbortController().signal

function httpTo(url: string, measurements = new Measurements(), limits = defaultLimits) {
  return new Http({ baseUrl: url, limits, measurements })
}

test('calls one after the other share one connection, and acquiring it is timed', async () => {
  await using server = await testServer((_request, response) => response.end('{}'))
  const measurements = new Measurements()
  await using http = httpTo(server.url, measurements)
  for (let call = 0; call < 20; call++) await http.call({ method: 'GET', path: '/', signal: never })
  const stats = measurements.read()
  expect(stats).toMatchObject({ requests: 20, connectionsOpened: 1 })
  expect(server.connections()).toBe(1)
  expect(stats.acquisitionMs.mean).toBeGreaterThan(0)
  expect(stats.acquisitionMs.max).toBeLessThan(1_000)
})

test('the wait for a free connection is part of the acquisition', async () => {
  const serviceMs = 80
  await using server = await testServer((_request, response) => {
    void wait(serviceMs, never).then(() => response.end('{}'))
  })
  const measurements = new Measurements()
  await using http = httpTo(server.url, measurements, { ...defaultLimits, shortConnectionsMax: 1 })
  const call = () => http.call({ method: 'GET', path: '/', signal: never })
  await Promise.all([call(), call(), call()])
  const { connectionsOpened, acquisitionMs, requests } = measurements.read()
  expect({ connectionsOpened, requests }).toEqual({ connectionsOpened: 1, requests: 3 })
  // The third has waited for two others; the histogram rounds to three digits.
  expect(acquisitionMs.max).toBeGreaterThanOrEqual(2 * serviceMs * 0.98)
})

test('nobody listening is "refused" and certainly not seen', async () => {
  const gone = await testServer(() => {})
  await gone[Symbol.asyncDispose]()
  await using http = httpTo(gone.url)
  await expect(http.call({ method: 'GET', path: '/x', signal: never })).rejects.toMatchObject({
    errorClass: 'refused',
    code: 'connection-refused',
  })
})

test('a connection that breaks before the answer is "network"', async () => {
  await using server = await testServer((request) => request.socket.destroy())
  await using http = httpTo(server.url)
  await expect(http.call({ method: 'POST', path: '/x', json: {}, signal: never })).rejects.toMatchObject({
    errorClass: 'network',
  })
})

test('a server that never answers ends in "timeout" after the deadline', async () => {
  await using server = await testServer(() => {})
  await using http = httpTo(server.url)
  const call = http.call({ method: 'GET', path: '/x', signal: never, deadlineMs: 60 })
  await expect(call).rejects.toMatchObject({ errorClass: 'timeout', code: 'deadline-passed' })
})

test('a body that stalls ends in "timeout" as well', async () => {
  await using server = await testServer((_request, response) => response.write('half'))
  await using http = httpTo(server.url)
  const call = http.call({ method: 'GET', path: '/x', signal: never, deadlineMs: 60 })
  await expect(call).rejects.toMatchObject({ errorClass: 'timeout' })
})

test('the caller can give up', async () => {
  await using server = await testServer(() => {})
  await using http = httpTo(server.url)
  const caller = new AbortController()
  const call = http.call({ method: 'GET', path: '/x', signal: caller.signal })
  await once(server.server, 'request')
  caller.abort()
  await expect(call).rejects.toMatchObject({ errorClass: 'aborted' })
})

test('a path prefix of the base URL is kept', async () => {
  await using server = await testServer((request, response) => response.end(request.url))
  await using http = httpTo(`${server.url}/proxy/`)
  const { bytes } = await http.call({ method: 'GET', path: '/view', query: { a: 'b c' }, signal: never })
  expect(Buffer.from(bytes).toString()).toBe('/proxy/view?a=b+c')
})
