import { engineErrors, fuzzRuns, fuzzSeed } from '@squall/twin-kit/testing/fuzz-http'
import { valueLike } from '@squall/twin-kit/testing/fuzz-values'
import { sendRaw } from '@squall/twin-kit/testing/raw-request'
import { startTwinProcess } from '@squall/twin-kit/testing/twin-process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { outcomeOf, question, rawFrame } from './testing/hostile-frames.ts'

const words = [
  'type',
  'data',
  'feature_flags',
  'supports_preview_metadata',
  'status',
  'executing',
  'client_id',
  'sid',
]

/** Null nine times out of ten. */
function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })
}

const message = fc
  .oneof(fc.dictionary(fc.constantFrom(...words), valueLike(words)), valueLike(words))
  .map((value) => JSON.stringify(value))
const payload = fc.oneof(
  { weight: 3, arbitrary: message.map((text) => Buffer.from(text)) },
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(0, 125, 126, 65_535, 65_536).map((length) => Buffer.alloc(length, 'x')),
)
/** Mostly texts, else any flags and any opcode, now and then with a length that is a lie or without a mask. */
const frame = fc
  .record({
    first: fc.oneof({ weight: 3, arbitrary: fc.constant(0x81) }, fc.nat(255)),
    payload,
    lie: rarely(fc.integer({ min: 0, max: 2 ** 40 })),
    isMasked: fc.integer({ min: 0, max: 19 }).map((number) => number > 0),
  })
  .map(({ lie, ...options }) => rawFrame(lie === null ? options : { ...options, claims: lie }))

/** A handshake as it should be, or with one header replaced by something else. */
const handshake = rarely(
  fc.tuple(
    fc.nat(4),
    fc.constantFrom('', 'x', '7', 'permessage-deflate; x=1', '\u00ff', ',,;=', 'a'.repeat(300)),
  ),
).map((change) => {
  const lines = [
    ...['GET /ws?clientId=fuzz HTTP/1.1', 'Host: twin', 'Upgrade: websocket', 'Connection: Upgrade'],
    ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'],
    'Sec-WebSocket-Extensions: permessage-deflate',
  ]
  if (change !== null) {
    const at = change[0] + 2
    lines[at] = `${lines[at]?.split(':')[0] ?? ''}: ${change[1]}`
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
})

/** Status of a refused handshake, else the outcome of the frames. */
function outcomeSoFar(received: Buffer): string {
  const headEnd = received.indexOf('\r\n\r\n') + 4
  if (headEnd < 4) return 'gone'
  const status = received.toString('latin1', 9, 12)
  return status === '101' ? outcomeOf(received.subarray(headEnd)) : status
}

test('any frames after any handshake', { timeout: 20_000 + fuzzRuns * 60 }, async () => {
  await using twin = await startTwinProcess(new URL('main.ts', import.meta.url), ['--test-nodes'])
  const outcomes = new Map<string, number>()
  const tried = { inputs: 0, frames: 0 }
  const inputs = fc.tuple(handshake, fc.array(frame, { maxLength: 6 }))
  const property = fc.asyncProperty(inputs, async ([opening, frames]) => {
    tried.inputs += 1
    tried.frames += frames.length
    const enough = (received: Buffer): boolean => outcomeSoFar(received) !== 'gone'
    const { text } = await sendRaw(twin.url, Buffer.concat([opening, ...frames, question]), { enough })
    const outcome = outcomeSoFar(Buffer.from(text, 'latin1'))
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    expect(twin.isGone()).toBe(false)
    expect(engineErrors(twin.complaints())).toEqual([])
  })
  await fc.assert(property, { numRuns: fuzzRuns, seed: fuzzSeed, endOnFailure: true })
  expect((await fetch(`${twin.url}/prompt`)).status).toBe(200)
  expect(tried.inputs).toBeGreaterThanOrEqual(fuzzRuns)
  const shown = [...outcomes]
    .toSorted(([left], [right]) => left.localeCompare(right))
    .map(([outcome, count]) => `${outcome}: ${count}`)
  console.log(
    `fuzz comfyui frames: ${tried.inputs} sockets, ${tried.frames} frames, seed ${fuzzSeed}; ${shown.join(', ')}`,
  )
})
