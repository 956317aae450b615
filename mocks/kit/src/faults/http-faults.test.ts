import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { StartedTwin } from '../start-twin.ts'
import { film, startProbe } from '../testing/probe-twin.ts'
import type { Action } from './fault.ts'

const patienceMs = 1000

async function greet(twin: StartedTwin, name = 'you'): Promise<string> {
  try {
    const response = await fetch(`${twin.url}/greet?name=${name}`, {
      signal: AbortSignal.timeout(patienceMs),
    })
    return `${response.status} ${await response.text()}`
  } catch (error) {
    const { name: kind, cause } = error as Error
    return kind === 'TimeoutError' ? 'silence' : ((cause as { code?: string } | undefined)?.code ?? kind)
  }
}

const cases: readonly [Action, seen: RegExp, handled: number][] = [
  [{ kind: 'drop' }, /^silence$/, 0],
  [{ kind: 'stall' }, /^silence$/, 0],
  [{ kind: 'status', status: 503, body: { detail: 'busy' } }, /^503 \{"detail":"busy"\}$/, 0],
  [{ kind: 'close' }, /^UND_ERR_SOCKET$/, 0],
  [{ kind: 'reset' }, /^(ECONNRESET|UND_ERR_SOCKET)$/, 0],
]

test.each(cases)('a request meets %j', async (action, seen, handled) => {
  const twin = await startProbe()
  await twin.break({ point: 'probe.http.greet', action, when: { nth: 2 } })
  expect(await greet(twin)).toBe('200 {"hello":"you"}')
  expect(await greet(twin)).toMatch(seen)
  expect(await greet(twin)).toBe('200 {"hello":"you"}')
  expect(twin.state()).toMatchObject({ greeted: 2 + handled })
  expect(twin.journal.filter(({ event }) => event === 'fault-applied')).toMatchObject([
    { point: 'probe.http.greet', action: action.kind, count: 1, facts: { method: 'GET', path: '/greet' } },
  ])
})

const answerCases: readonly [Action, seen: RegExp][] = [
  [{ kind: 'drop' }, /^silence$/],
  [{ kind: 'stall' }, /^silence$/],
  [{ kind: 'stall', afterBytes: 3 }, /^silence$/],
  [{ kind: 'status', status: 500, body: 'oops' }, /^500 oops$/],
  [{ kind: 'close' }, /^UND_ERR_SOCKET$/],
  [{ kind: 'reset' }, /^(ECONNRESET|UND_ERR_SOCKET)$/],
  [{ kind: 'cut' }, /^UND_ERR_SOCKET$/],
  [{ kind: 'cut', afterBytes: 1000 }, /^200 \{"hello":"you"\}$/],
  [{ kind: 'corrupt' }, /^200 (?!\{"hello":"you"\}$).{15}$/],
]

test.each(answerCases)('an answer meets %j, and the work is done all the same', async (action, seen) => {
  const twin = await startProbe()
  await twin.break({ point: 'probe.answer.greet', action, when: { match: { name: 'you' } } })
  expect(await greet(twin)).toMatch(seen)
  expect(twin.state()).toMatchObject({ greeted: 1 })
  expect(await greet(twin, 'me')).toBe('200 {"hello":"me"}')
})

test.each([{ kind: 'corrupt' }, { kind: 'stall', afterBytes: 3 }] as const)(
  'a HEAD request has no body for %j: it is not hit, nor counted',
  async (action) => {
    const twin = await startProbe()
    await twin.break({ point: 'probe.answer.greet', action, when: { nth: 1 } })
    const response = await fetch(`${twin.url}/greet?name=you`, { method: 'HEAD' })
    expect(response.headers.get('content-length')).toBe('15')
    expect(twin.faults.list()).toMatchObject([{ seen: 0, applied: 0 }])
    expect(await greet(twin)).not.toBe('200 {"hello":"you"}')
    expect(twin.faults.list()).toMatchObject([{ seen: 1, applied: 1 }])
  },
)

test('a HEAD request can still be held back', async () => {
  const twin = await startProbe()
  await twin.break({ point: 'probe.answer.greet', action: { kind: 'stall' } })
  const asking = fetch(`${twin.url}/greet?name=you`, { method: 'HEAD', signal: AbortSignal.timeout(300) })
  await expect(asking).rejects.toThrow('timeout')
  expect(twin.faults.list()).toMatchObject([{ applied: 1 }])
})

test('the connection of a cut answer with all its bytes ends', async () => {
  const twin = await startProbe()
  await twin.break({ point: 'probe.answer.greet', action: { kind: 'cut', afterBytes: 1000 } })
  const socket = connect(twin.port, '127.0.0.1')
  socket.write('GET /greet?name=x HTTP/1.1\r\nHost: x\r\n\r\n')
  socket.resume()
  await once(socket, 'end')
})

test.each([
  ['half by default', undefined, '{"hello'],
  ['so many bytes', 4, '{"he'],
  ['none', 0, ''],
])('a cut leaves %s', async (_name, afterBytes, left) => {
  const twin = await startProbe()
  const action: Action = { kind: 'cut', ...(afterBytes === undefined ? {} : { afterBytes }) }
  await twin.break({ point: 'probe.answer.greet', action })
  const call = request(`${twin.url}/greet?name=me`).end()
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  let body = ''
  response.on('data', (chunk: Buffer) => {
    body += chunk.toString()
  })
  await new Promise((resolve) => response.once('close', resolve).once('error', () => undefined))
  expect(body).toBe(left)
  expect(response.complete).toBe(false)
})

test('what a stalled request and a stalled answer wait for is the healing', async () => {
  const twin = await startProbe()
  for (const point of ['probe.http.greet', 'probe.answer.greet']) {
    await twin.break({ point, action: { kind: 'stall' } })
    const answer = fetch(`${twin.url}/greet?name=late`).then((response) => response.text())
    await expect.poll(() => twin.faults.list()).toMatchObject([{ seen: 1, applied: 1 }])
    twin.faults.healAll()
    expect(await answer).toBe('{"hello":"late"}')
  }
})

test('a stall after some bytes lets them through and sends the rest when healed', async () => {
  const twin = await startProbe()
  await twin.break({ point: 'probe.answer.greet', action: { kind: 'stall', afterBytes: 5 } })
  const response = await fetch(`${twin.url}/greet?name=late`)
  const reader = response.body?.getReader()
  const first = await reader?.read()
  expect(Buffer.from(first?.value ?? []).toString()).toBe('{"hel')
  twin.faults.healAll()
  const rest = await reader?.read()
  expect(Buffer.from(rest?.value ?? []).toString()).toBe('lo":"late"}')
})

test('a delay is at least as long as it says, and a heal ends it', async () => {
  const twin = await startProbe()
  await twin.break({ point: 'probe.http.greet', action: { kind: 'delay', ms: 60 } })
  const begin = performance.now()
  expect(await greet(twin)).toBe('200 {"hello":"you"}')
  expect(performance.now() - begin).toBeGreaterThanOrEqual(59)
  twin.faults.healAll()
  await twin.break({ point: 'probe.answer.greet', action: { kind: 'delay', ms: 86_400_000 } })
  const answer = fetch(`${twin.url}/greet?name=late`)
  await expect.poll(() => twin.faults.list()).toMatchObject([{ applied: 1 }])
  twin.faults.healAll()
  expect((await answer).status).toBe(200)
})

test('a large answer that is held is not read into memory as a whole, and arrives whole when healed', async () => {
  const twin = await startProbe()
  await twin.break({ point: 'probe.answer.film', action: { kind: 'stall' } })
  const answer = fetch(`${twin.url}/film`).then((response) => response.bytes())
  const filmed = () => (twin.state() as { filmed: number }).filmed
  // It has come to rest when two looks see the same.
  let before = -1
  await expect
    .poll(() => {
      const isAtRest = filmed() === before
      before = filmed()
      return isAtRest && before > 0
    })
    .toBe(true)
  expect(filmed() * film.chunkBytes).toBeLessThan(4 << 20)
  twin.faults.healAll()
  expect((await answer).length).toBe(film.chunks * film.chunkBytes)
})

test('what was held for a client that has left is not kept', async () => {
  const twin = await startProbe()
  await twin.break({ point: 'probe.answer.film', action: { kind: 'stall' } })
  const leave = new AbortController()
  const answer = fetch(`${twin.url}/film`, { signal: leave.signal })
  await expect.poll(() => twin.faults.list()).toMatchObject([{ applied: 1 }])
  leave.abort()
  await expect(answer).rejects.toThrow('aborted')
  twin.faults.healAll()
  expect(await greet(twin)).toBe('200 {"hello":"you"}')
})

test.each(['close', 'reset'] as const)(
  'a %s of the second of two pipelined answers ends both',
  async (kind) => {
    const twin = await startProbe()
    await twin.break({
      point: 'probe.answer.greet',
      action: { kind: 'stall' },
      when: { match: { name: 'a' } },
    })
    await twin.break({ point: 'probe.answer.greet', action: { kind }, when: { match: { name: 'b' } } })
    const socket = connect(twin.port, '127.0.0.1')
    socket.write('GET /greet?name=a HTTP/1.1\r\nHost: x\r\n\r\nGET /greet?name=b HTTP/1.1\r\nHost: x\r\n\r\n')
    let seen = ''
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.toString()
    })
    const how = await new Promise((resolve) => {
      socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code))
      socket.once('end', () => resolve('end'))
    })
    expect({ how, seen }).toEqual({ how: kind === 'reset' ? 'ECONNRESET' : 'end', seen: '' })
    twin.faults.healAll()
    expect(await greet(twin)).toBe('200 {"hello":"you"}')
  },
)
