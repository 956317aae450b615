/** Golden 20: the notes say which bytes the real server sent. */
import { expect, test } from 'vitest'
import { startComfyui } from '../testing/observed-twin.ts'
import { closePayload, maskedFrame, talkOnWire } from './raw-web-socket.ts'
import { readRecording } from './recording.ts'

const notes = readRecording('20-ws-wire').flatMap((event) => (event.k === 'note' ? [event.text] : []))
const text = 0x81
const close = 0x88

/** Bytes the real server sent, from the note that begins like this. */
function recordedBytes(about: string): string {
  const note = notes.find((candidate) => candidate.startsWith(`${about}: server sent `))
  return /server sent ([0-9a-f]+)/.exec(note ?? '')?.[1] ?? `no note about ${about}`
}

test.each([
  ["client ping 'hi'", [maskedFrame(0x89, Buffer.from('hi'))]],
  ['client close 1000', [maskedFrame(close, closePayload(1000))]],
  ["client close 4001 'bye'", [maskedFrame(close, closePayload(4001, 'bye'))]],
  ['client close without code', [maskedFrame(close)]],
  ['invalid UTF-8 text', [maskedFrame(text, Buffer.from([0xff, 0xfe]))]],
  ['reserved opcode 3', [maskedFrame(0x83, Buffer.from('x'))]],
  ['RSV1 set without extension', [maskedFrame(0xc1, Buffer.from('x'))]],
  [
    'fragmented text',
    [
      maskedFrame(0x01, Buffer.from('{"type": "feature_flags", ')),
      maskedFrame(0x80, Buffer.from('"data": {}}')),
    ],
  ],
] as const)('%s', async (about, frames) => {
  await using twin = await startComfyui()
  const expected = recordedBytes(about)
  const { sent } = await talkOnWire(twin.url, { frames }, (bytes) => bytes.length * 2 >= expected.length)
  expect(sent.slice(0, expected.length)).toBe(expected)
})

test.each([
  [undefined, '81'],
  ['permessage-deflate', 'c1'],
  ['permessage-deflate; client_max_window_bits', 'c1'],
] as const)('extensions offered: %s', async (extensions, firstByte) => {
  await using twin = await startComfyui()
  const offer = extensions === undefined ? {} : { extensions }
  const { head, sent } = await talkOnWire(twin.url, offer, (bytes) => bytes.length > 0)
  expect(sent.slice(0, 2)).toBe(firstByte)
  expect(head.includes('Sec-WebSocket-Extensions: permessage-deflate')).toBe(extensions !== undefined)
  expect(
    notes.some((note) => note.startsWith(`offer '${extensions ?? ''}'`) && note.includes(firstByte)),
  ).toBe(true)
})

test.each([
  ['binary message', maskedFrame(0x82, Buffer.from([1, 2, 3]))],
  ['a text that is no JSON', maskedFrame(text, Buffer.from('hello'))],
])('%s is passed over in silence', async (_about, frame) => {
  await using twin = await startComfyui()
  const frames = [frame, maskedFrame(0x89, Buffer.from('hi'))]
  const { sent, closed } = await talkOnWire(twin.url, { frames }, (bytes) => bytes.length >= 4)
  // The answer to the ping behind it is the first thing to come.
  expect([sent, closed]).toEqual([recordedBytes("client ping 'hi'"), false])
})

test('the old version 8 of the protocol is taken, with the recorded headers', async () => {
  await using twin = await startComfyui()
  const { head } = await talkOnWire(twin.url, { version: 8 }, () => true)
  const recorded =
    /^version 8: '(.*)'$/.exec(notes.find((note) => note.startsWith('version 8')) ?? '')?.[1] ?? ''
  const namesIn = (lines: readonly string[]) =>
    new Set(lines.map((line) => line.split(': ')[0]?.toLowerCase()))
  const expected = recorded.split('\\r\\n')
  expect(head.split('\r\n')[0]).toBe(expected[0])
  expect(head).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  expect(namesIn(head.split('\r\n'))).toEqual(namesIn(expected))
})

test.each([
  ['Origin mismatch on loopback host', 'Origin: http://elsewhere.example'],
  ['cross-site fetch metadata', 'Sec-Fetch-Site: cross-site'],
])('%s is refused at the handshake', async (about, header) => {
  await using twin = await startComfyui()
  const { head } = await talkOnWire(twin.url, { header }, () => true)
  expect(notes.find((note) => note.startsWith(about))).toBe(`${about}: ${head.split('\r\n')[0]}`)
})

test('after the answer to a close frame the connection ends', async () => {
  await using twin = await startComfyui()
  const frames = [maskedFrame(close, closePayload(4001, 'bye'))]
  const { closed } = await talkOnWire(twin.url, { frames }, () => false)
  expect(closed).toBe(true)
})
