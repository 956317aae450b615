import { expect, test } from 'vitest'
import { encodePng } from './png.ts'
import { decodePng, encodeRgbaPng, rgbOf } from './png-pixels.ts'
import { renderImage, renderPixels } from './render-image.ts'

const picture = { prompt: 'a', seed: 1, width: 31, height: 17 }

test('what is encoded comes back, with and without transparency', () => {
  const rgb = renderPixels(picture)
  expect(rgbOf(decodePng(renderImage(picture)))).toEqual(rgb)
  const rgba = Uint8Array.from({ length: 31 * 17 * 4 }, (_, index) => index * 7)
  expect(decodePng(encodeRgbaPng({ width: 31, height: 17, rgba }))).toEqual({ width: 31, height: 17, rgba })
})

test('a picture without transparency is opaque', () => {
  const { rgba } = decodePng(encodePng({ width: 1, height: 1, rgb: Uint8Array.of(1, 2, 3) }))
  expect([...rgba]).toEqual([1, 2, 3, 255])
})

test('anything else is refused', () => {
  expect(() => decodePng(Buffer.from('hello'))).toThrow('Cannot read the picture')
  expect(() => decodePng(renderImage(picture).subarray(0, 60))).toThrow('Cannot read the picture')
})
