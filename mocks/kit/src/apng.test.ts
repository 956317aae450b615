/** Animated PNG files: a plain reader sees the first frame, and every frame is a PNG of its own inside. */
import { expect, test } from 'vitest'
import { encodeAnimatedPng } from './apng.ts'
import { chunk, headerChunk, pngSignature } from './png.ts'
import { decodePng, rgbOf } from './png-pixels.ts'
import { renderFrame } from './render-image.ts'

const size = { width: 33, height: 17 }
const frames = [0, 1, 2].map((frame) => renderFrame({ prompt: 'a fox', seed: 1, ...size }, frame))
const file = encodeAnimatedPng({
  ...size,
  frames,
  frameMs: 125,
  after: [['comf', Buffer.from('prompt\0{}')]],
})

function chunksIn(png: Buffer): { type: string; content: Buffer }[] {
  const chunks: { type: string; content: Buffer }[] = []
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    chunks.push({
      type: png.toString('latin1', at + 4, at + 8),
      content: png.subarray(at + 8, at + 8 + length),
    })
    at += length + 12
  }
  return chunks
}

const chunks = chunksIn(file)

test('a reader that knows no animations shows the first frame', () => {
  expect(Buffer.from(rgbOf(decodePng(file))).equals(Buffer.from(frames[0] ?? []))).toBe(true)
})

test('frames are controlled and numbered in one row', () => {
  expect(chunks.map(({ type }) => type).join(' ')).toBe('IHDR acTL fcTL IDAT fcTL fdAT fcTL fdAT comf IEND')
  const numbered = chunks.filter(({ type }) => type === 'fcTL' || type === 'fdAT')
  expect(numbered.map(({ content }) => content.readUInt32BE(0))).toEqual([0, 1, 2, 3, 4])
  const controls = chunks.filter(({ type }) => type === 'fcTL').map(({ content }) => content)
  expect(controls.map((content) => content.readUInt16BE(20) / content.readUInt16BE(22))).toEqual([
    0.125, 0.125, 0.125,
  ])
})

test('each later frame decodes to its own pixels', () => {
  const later = chunks.filter(({ type }) => type === 'fdAT').map(({ content }) => content.subarray(4))
  expect(later).toHaveLength(2)
  for (const [index, pixels] of later.entries()) {
    const alone = Buffer.concat([
      pngSignature,
      headerChunk(size.width, size.height),
      chunk('IDAT', pixels),
      chunk('IEND', Buffer.alloc(0)),
    ])
    expect(Buffer.from(rgbOf(decodePng(alone))).equals(Buffer.from(frames[index + 1] ?? []))).toBe(true)
  }
})
