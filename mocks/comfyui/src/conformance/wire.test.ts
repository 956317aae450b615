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

test('after the answer to a close frame the connection ends', async () => {
  await using twin = await startComfyui()
  const frames = [maskedFrame(close, closePayload(4001, 'bye'))]
  const { closed } = await talkOnWire(twin.url, { frames }, () => false)
  expect(closed).toBe(true)
})
