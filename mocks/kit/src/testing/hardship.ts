/**
 * What every twin must survive, on a process of its own: hostile bytes, bad bodies, slow and idle and vanishing
 * clients, paths that leave their folder. After each hardship it answers a normal request, has not complained, and
 * its memory is back within a bound.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { request, withSockets } from './crowds.ts'
import { expectedOutcome, type Front } from './hostile-answers.ts'
import { hostileRequests, type Routes } from './hostile-requests.ts'
import { type JsonCase, jsonBodies } from './json-bodies.ts'
import { outcomeOf, sendRaw } from './raw-request.ts'
import { escapes } from './traversal.ts'
import { startTwinProcess, type TwinProcess } from './twin-process.ts'

/** A twin, as far as these tests need to know it. */
export type Subject = Routes & {
  readonly main: URL
  readonly flags?: readonly string[]
  /** The server in front of the real application. */
  readonly front: Front
  readonly json: {
    readonly field: string
    /** Status of each bad body. */
    readonly statuses: Readonly<Record<JsonCase, number>>
    /** Longest body; one byte more is answered with 413. */
    readonly bytesMax: number
  }
  /** Requests (whole texts, `#` is a number) that open a stream which says something at once. */
  readonly streams: readonly string[]
  /** Requests (whole texts) that name a file; `#` is the name. */
  readonly files: readonly string[]
}

/**
 * What a hardship may leave behind for good. Code gets compiled, pools and heaps grow once and stay; what grows with
 * each request does not fit in here, because every test sends far more than this.
 */
const growthBytesMax = 64 * 1024 * 1024

type Hardship = {
  readonly name: string
  readonly run: (twin: TwinProcess, subject: Subject) => Promise<void>
}

const hardships: readonly Hardship[] = [
  { name: 'requests that no honest client sends', run: sendHostileRequests },
  { name: 'bodies that are no good JSON', run: sendBadJson },
  { name: 'bodies over the limit, announced and not', run: sendTooMuch },
  { name: 'a thousand senders that stop in the middle', run: stopInTheMiddle },
  { name: 'two thousand idle sockets', run: stayIdle },
  { name: 'two thousand streams, opened and dropped', run: dropStreams },
  { name: 'paths that leave their folder', run: leaveFolders },
]

/** Defines the tests: one twin process lives through all hardships, one after the other. */
export function describeHardships(subject: Subject, more: readonly Hardship[] = []): void {
  describe('bad input', () => {
    let twin: TwinProcess
    let bytesBefore = 0
    beforeAll(async () => {
      twin = await startTwinProcess(subject.main, subject.flags)
      for (let calls = 0; calls < 200; calls++) await expectNormal(twin, subject)
      bytesBefore = await twin.settledBytes()
    })
    afterAll(() => twin[Symbol.asyncDispose]())
    const all = [...hardships, ...more].map(({ name, run }) => [name, run] as const)
    test.each(all)('survives %s', { timeout: 60_000 }, async (_name, run) => {
      const complaintsBefore = twin.complaints()
      await run(twin, subject)
      await expectNormal(twin, subject)
      expect(twin.complaints().slice(complaintsBefore.length)).toBe('')
      // Freed pages go back to the kernel some time after the collection.
      const growth = async (): Promise<number> => (await twin.settledBytes()) - bytesBefore
      await expect.poll(growth, { timeout: 10_000, interval: 200 }).toBeLessThan(growthBytesMax)
    })
  })
}

async function expectNormal(twin: TwinProcess, { path }: Routes): Promise<void> {
  expect(twin.isGone()).toBe(false)
  const answer = await fetch(twin.url + path)
  expect(answer.status).toBe(200)
  await answer.arrayBuffer()
}

async function sendHostileRequests({ url }: TwinProcess, subject: Subject): Promise<void> {
  const outcomes = hostileRequests(subject).map(async ({ name, bytes, ...options }) => {
    const answer = await sendRaw(url, Buffer.from(bytes, 'latin1'), options)
    return [name, outcomeOf(answer)] as const
  })
  const actual = await Promise.all(outcomes)
  expect(actual).toEqual(actual.map(([name]) => [name, expectedOutcome(subject.front, name)]))
}

async function sendBadJson({ url }: TwinProcess, { jsonPath, json }: Subject): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answers = Object.entries(jsonBodies(json.field)).map(async ([name, body]) => {
    const answer = await fetch(url + jsonPath, { method: 'POST', headers, body })
    await answer.arrayBuffer()
    return [name, answer.status] as const
  })
  expect(Object.fromEntries(await Promise.all(answers))).toEqual(json.statuses)
}

/** The announced one is refused before it is sent; the other one is cut short. */
async function sendTooMuch({ url }: TwinProcess, { jsonPath, json }: Subject): Promise<void> {
  const size = json.bytesMax + 1
  const head = `POST ${jsonPath} HTTP/1.1\r\nHost: twin\r\n`
  const chunk = Buffer.alloc(size, ' ')
  const announced = Buffer.concat([Buffer.from(`${head}Content-Length: ${size}\r\n\r\n`), chunk])
  expect(outcomeOf(await sendRaw(url, announced))).toMatch(/^413 /)
  const size16 = `${size.toString(16)}\r\n`
  const chunked = [`${head}Transfer-Encoding: chunked\r\n\r\n`, size16, chunk, '\r\n0\r\n\r\n'].map((part) =>
    Buffer.from(part),
  )
  expect(outcomeOf(await sendRaw(url, Buffer.concat(chunked)))).toMatch(/^413 /)
}

async function stopInTheMiddle(twin: TwinProcess, subject: Subject): Promise<void> {
  const { path, jsonPath } = subject
  const beginnings = [
    'GE',
    `GET ${path} HTTP/1.1\r\nHost: tw`,
    `POST ${jsonPath} HTTP/1.1\r\nHost: twin\r\nContent-Length: 1000\r\n\r\n{"a":`,
    `POST ${jsonPath} HTTP/1.1\r\nHost: twin\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a`,
  ]
  await withSockets(
    twin.url,
    1000,
    async (socket, number) => void socket.write(beginnings[number % beginnings.length] ?? ''),
    () => expectNormal(twin, subject),
  )
}

async function stayIdle(twin: TwinProcess, subject: Subject): Promise<void> {
  const half = (number: number): boolean => number % 2 === 0
  const get = `GET ${subject.path} HTTP/1.1\r\nHost: twin\r\n\r\n`
  await withSockets(
    twin.url,
    2000,
    // One half has never said anything, the other keeps its connection after a request.
    (socket, number) => (half(number) ? Promise.resolve() : request(socket, get)),
    () => expectNormal(twin, subject),
  )
}

async function dropStreams(twin: TwinProcess, subject: Subject): Promise<void> {
  const { streams } = subject
  if (streams.length === 0) return
  await withSockets(
    twin.url,
    2000,
    (socket, number) =>
      request(socket, (streams[number % streams.length] ?? '').replaceAll('#', String(number))),
    () => expectNormal(twin, subject),
  )
}

async function leaveFolders({ url, dataFolder }: TwinProcess, { files }: Subject): Promise<void> {
  const outside = dirname(dataFolder)
  const secret = join(outside, 'secret.txt')
  writeFileSync(secret, 'the secret')
  const token = readFileSync(join(dataFolder, 'control-token'), 'utf8').trim()
  for (const file of files) {
    for (const name of escapes(secret, 'secret.txt')) {
      const sent = withLength(file.replaceAll('#', name).replaceAll('\0', '%00'))
      const { text, statusLines } = await sendRaw(url, sent)
      const told = text.includes('the secret') || text.includes(token) || text.includes('root:x')
      expect({ sent: sent.split('\r\n')[0], told, answers: statusLines.length }).toMatchObject({
        told: false,
        answers: 1,
      })
    }
  }
  expect(readdirSync(outside).toSorted()).toEqual(['data', 'secret.txt'])
  expect(readFileSync(secret, 'utf8')).toBe('the secret')
  expect(readFileSync(join(dataFolder, 'control-token'), 'utf8').trim()).toBe(token)
}

/** Sets Content-Length, and closes the connection after the answer, so that nobody waits for silence. */
function withLength(text: string): string {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const body = rest.join('\r\n\r\n')
  const length = body === '' ? '' : `\r\nContent-Length: ${Buffer.byteLength(body)}`
  return `${head}${length}\r\nConnection: close\r\n\r\n${body}`
}
