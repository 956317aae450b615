/** Files of the WebP writer, read by the reference library (libwebp). */
import { decode } from '@cwasm/webp'
import { expect, test } from 'vitest'
import { renderFrame } from './render-image.ts'
import { encodeAnimatedWebp, encodeWebp } from './webp.ts'

const size = { width: 67, height: 31 }
const picture = { prompt: 'a fox', seed: 1, ...size }

function rgbIn(file: Buffer): Uint8Array {
  const { width, height, data } = decode(file)
  expect({ width, height }).toEqual(size)
  return Uint8Array.from(data).filter((_, index) => index % 4 !== 3)
}

function worstError(left: Uint8Array, right: Uint8Array): number {
  return left.reduce((worst, value, at) => Math.max(worst, Math.abs(value - (right[at] ?? -1))), 0)
}

test('full quality keeps every pixel', () => {
  const rgb = renderFrame(picture, 0)
  expect(worstError(rgbIn(encodeWebp({ ...size, rgb })), rgb)).toBe(0)
})

test('less quality is a smaller file with a bounded error', () => {
  const rgb = renderFrame(picture, 0)
  const files = [100, 90, 50, 1].map((quality) => encodeWebp({ ...size, rgb, quality }))
  const lengths = files.map(({ length }) => length)
  expect(lengths).toEqual(lengths.toSorted((left, right) => right - left))
  expect(files.map((file) => worstError(rgbIn(file), rgb))).toEqual([0, 3, 15, 31])
})

test.each([[1], [2], [17]])('a picture of %i pixels in a row', (width) => {
  const rgb = renderFrame({ ...picture, width, height: 1 }, 0)
  const { data } = decode(encodeWebp({ width, height: 1, rgb }))
  expect([...data.filter((_, index) => index % 4 !== 3)]).toEqual([...rgb])
})

test('an animation holds every frame with its duration', () => {
  const frames = [0, 1, 2].map((frame) => renderFrame(picture, frame))
  const file = encodeAnimatedWebp({ ...size, frames, frameMs: 166 })
  const chunks = chunksIn(file.subarray(12))
  expect(chunks.map(({ name }) => name)).toEqual(['VP8X', 'ANIM', 'ANMF', 'ANMF', 'ANMF'])
  expect(file.readUInt32LE(4)).toBe(file.length - 8)
  const shown = chunks.filter(({ name }) => name === 'ANMF').map(({ content }) => content)
  expect(shown.map((content) => content.readUIntLE(12, 3))).toEqual([166, 166, 166])
  for (const [index, content] of shown.entries()) {
    expect(worstError(rgbIn(alone(content.subarray(16))), frames[index] ?? new Uint8Array())).toBe(0)
  }
})

/** A frame as a file of its own. */
function alone(chunk: Buffer): Buffer {
  const head = Buffer.from('RIFF0000WEBP')
  head.writeUInt32LE(4 + chunk.length, 4)
  return Buffer.concat([head, chunk])
}

function chunksIn(bytes: Buffer): { name: string; content: Buffer }[] {
  const chunks: { name: string; content: Buffer }[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4)
    chunks.push({
      name: bytes.toString('latin1', at, at + 4),
      content: bytes.subarray(at + 8, at + 8 + length),
    })
    at += 8 + length + (length % 2)
  }
  return chunks
}
