/**
 * Fuzzes the HTTP entry point of a twin, seeded: requests around its own routes, and whole requests with a few bytes
 * changed. After each input the twin lives, and neither an answer nor a log nor standard error holds an exception of the
 * engine's making. `SQUALL_FUZZ_RUNS` makes it longer, `SQUALL_FUZZ_SEED`
 * different.
 */
import { Agent, request as send } from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createClock } from '../clock.ts'
import { bodyLike, textLike } from './fuzz-values.ts'
import { sendRaw } from './raw-request.ts'
import { startTwinProcess, type TwinProcess } from './twin-process.ts'

/** What the fuzzer knows of a twin. */
export type FuzzSubject = {
  readonly main: URL
  readonly flags?: readonly string[]
  /** `METHOD /path`, with `#` for a segment or a value to make up. */
  readonly routes: readonly string[]
  /** Names of fields and parameters, and values that mean something. */
  readonly words: readonly string[]
  /** Good bodies to start from. */
  readonly bodies: readonly unknown[]
  /** What else the twin says about failures, for example a log that can be fetched. */
  readonly failures?: (twin: TwinProcess) => Promise<string>
}

export const fuzzRuns = Number(process.env['SQUALL_FUZZ_RUNS'] ?? 600)
export const fuzzSeed = Number(process.env['SQUALL_FUZZ_SEED'] ?? 1)

/** Patience for an answer that never ends: a stream has said something by then. */
const streamMs = 50
const answerMs = 5000

/** The engine's own words: what they say was not meant. */
const engineWords =
  /Cannot (read|set) propert|Cannot (destructure|convert|access)|is not (a function|iterable|a constructor|defined)|call stack|ERR_[A-Z_]+|Invalid (URL(?! \()|array length|string length|time value|count)|in operator|circular structure|BigInt/

/** The lines in which the engine speaks. */
export function engineErrors(text: string): string[] {
  return text.split(/\n|\\n/).filter((line) => engineWords.test(line))
}

type Input = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Defines the two tests. */
export function describeFuzz(subject: FuzzSubject): void {
  const patient = { timeout: 20_000 + fuzzRuns * 60 }
  describe('fuzz over HTTP', () => {
    test('requests around the routes', patient, async () => {
      await fuzz(subject, 'requests', requestLike(subject), async (twin, input, note) =>
        note(await ask(twin, input)),
      )
    })
    test('requests with bytes changed', patient, async () => {
      await fuzz(subject, 'bytes', damagedBytes(subject), async (twin, bytes, note) => {
        const { text } = await sendRaw(twin.url, bytes, { thenEnd: true })
        note({ status: Number(text.slice(9, 12)), text })
      })
    })
  })
}

type Answer = { readonly status: number; readonly text: string }

async function fuzz<T>(
  subject: FuzzSubject,
  name: string,
  inputs: fc.Arbitrary<T>,
  tryOne: (twin: TwinProcess, input: T, note: (answer: Answer) => void) => Promise<void>,
): Promise<void> {
  await using twin = await startTwinProcess(subject.main, subject.flags)
  const statuses = new Map<number, number>()
  let tried = 0
  const property = fc.asyncProperty(inputs, async (input) => {
    tried += 1
    await tryOne(twin, input, ({ status, text }) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      expect(engineErrors(text)).toEqual([])
      expect(text).not.toBe('Internal Server Error')
    })
    expect(twin.isGone()).toBe(false)
    expect(engineErrors(twin.complaints())).toEqual([])
    expect(engineErrors((await subject.failures?.(twin)) ?? '')).toEqual([])
  })
  await fc.assert(property, { numRuns: fuzzRuns, seed: fuzzSeed, endOnFailure: true })
  const shown = [...statuses]
    .toSorted(([left], [right]) => left - right)
    .map(([status, count]) => `${status}: ${count}`)
  console.log(
    `fuzz ${subject.main.pathname.split('/').at(-3)} ${name}: ${tried} inputs, seed ${fuzzSeed}; ${shown.join(', ')}`,
  )
  expect(tried).toBeGreaterThanOrEqual(fuzzRuns)
}

function requestLike({ routes, words, bodies }: FuzzSubject): fc.Arbitrary<Input> {
  const methods = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']
  const texts = textLike(words)
  const path = fc
    .tuple(fc.constantFrom(...routes), fc.array(texts, { minLength: 3, maxLength: 3 }), fc.boolean())
    .map(([route, parts, isOwnMethod]) => {
      const [method = 'GET', template = '/'] = route.split(' ')
      let at = 0
      const filled = template.replaceAll('#', () => encode(parts[at++ % parts.length] ?? ''))
      return { method: isOwnMethod ? method : undefined, path: filled }
    })
  const query = fc.array(fc.tuple(texts, texts), { maxLength: 3 })
  const headers = fc.dictionary(
    fc.constantFrom(
      'content-type',
      'range',
      'if-none-match',
      'if-modified-since',
      'origin',
      'authorization',
      'accept',
      'expect-nothing',
      'cookie',
      'x-litellm-timeout',
    ),
    fc.oneof(
      fc.constantFrom(
        'application/json',
        'multipart/form-data',
        'multipart/form-data; boundary=b',
        'bytes=0-',
        'bytes=5-1',
        'bytes=-9',
        'bytes=99999999999999999999-',
        '*',
        'Bearer sk-x',
        'application/json; charset=latin-9',
      ),
      texts.map((text) => encode(text).slice(0, 200)),
    ),
    { maxKeys: 3 },
  )
  const body = fc.oneof(
    { weight: 4, arbitrary: bodyLike(bodies, words).map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: multipartLike(texts) },
  )
  return fc
    .record({ path, query, headers, body, other: fc.constantFrom(...methods) })
    .map(({ path: { method = '', path: own }, query: pairs, headers: given, body: text, other }) => {
      const used = method === '' ? other : method
      const more = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
      return {
        method: used,
        path: own + (more === '' ? '' : `${own.includes('?') ? '&' : '?'}${more}`),
        headers: given,
        body: used === 'GET' || used === 'HEAD' ? undefined : text,
      }
    })
}

function multipartLike(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const part = fc.tuple(
    fc.constantFrom('image', 'files', 'type', 'subfolder', 'overwrite', 'original_ref', 'x'),
    texts,
    fc.option(texts),
  )
  return fc.array(part, { maxLength: 4 }).map((parts) => {
    const shown = parts.map(([name, value, file]) => {
      const fileName = file === null ? '' : `; filename="${file.replaceAll(/[\r\n"]/g, '_')}"`
      return `--b\r\nContent-Disposition: form-data; name="${name}"${fileName}\r\n\r\n${value}\r\n`
    })
    return `${shown.join('')}--b--\r\n`
  })
}

/** A whole request with up to three places set, cut, or repeated. */
function damagedBytes(subject: FuzzSubject): fc.Arbitrary<Buffer> {
  const damage = fc.record({
    at: fc.nat(),
    byte: fc.nat(255),
    kind: fc.constantFrom('set', 'cut', 'insert', 'repeat'),
  })
  return fc
    .tuple(requestLike(subject), fc.array(damage, { minLength: 1, maxLength: 3 }))
    .map(([input, damages]) => {
      const body = Buffer.from(input.body ?? '')
      const lines = Object.entries(input.headers).map(([name, value]) => `${name}: ${value}\r\n`)
      const head = `${input.method} ${input.path} HTTP/1.1\r\nHost: twin\r\n${lines.join('')}Content-Length: ${body.length}\r\n\r\n`
      return damages.reduce(damaged, Buffer.concat([Buffer.from(head), body]))
    })
}

function damaged(bytes: Buffer, { at, byte, kind }: { at: number; byte: number; kind: string }): Buffer {
  const place = at % Math.max(1, bytes.length)
  const middle =
    kind === 'cut'
      ? []
      : kind === 'repeat'
        ? [...bytes.subarray(place, place + 16), ...bytes.subarray(place, place + 16)]
        : [byte]
  const skipped = kind === 'insert' ? 0 : kind === 'set' ? 1 : 16
  return Buffer.concat([bytes.subarray(0, place), Buffer.from(middle), bytes.subarray(place + skipped)])
}

/** As a path segment or query value. Half surrogates cannot be encoded. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 })

/** Sends it through Node's client and reads the answer, or the beginning of one that does not end. */
function ask({ url }: TwinProcess, { method, path, headers, body }: Input): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const clock = createClock(1)
  const over = new AbortController()
  const { hostname, port } = new URL(url)
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
  const call = send(
    { hostname, port, method, path, headers: { ...headers, ...length }, agent },
    (response) => {
      const chunks: Buffer[] = []
      const finish = (): void => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
        over.abort()
      }
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      for (const event of ['end', 'error', 'close'] as const) response.on(event, finish)
      const endless = response.headers['content-length'] === undefined
      const patience = endless ? streamMs : answerMs
      void clock.wait(patience, over.signal).then(
        () => {
          finish()
          call.destroy()
        },
        () => undefined,
      )
    },
  )
  // The twin may close in the middle of a request that it has refused, and refuse a HEAD with a body.
  call.on('error', ({ code = '' }: NodeJS.ErrnoException) =>
    /^(ECONNRESET|EPIPE|HPE_.*)$/.test(code) ? resolve({ status: 0, text: '' }) : reject(new Error(code)),
  )
  void clock.wait(answerMs, over.signal).then(
    () => reject(new Error(`no answer to ${method} ${path}`)),
    () => undefined,
  )
  call.end(body)
  return promise
}
