/**
 * Pictures that follow from prompt and seed: a coarse pattern of coloured blocks under fine noise. Anyone who
 * knows prompt and seed can recompute the picture, so a swapped or stale result is noticed.
 */
import { encodeJpeg } from './jpeg.ts'
import { encodePng } from './png.ts'
import { seededRandom, seedFromText } from './random.ts'

const blocksPerSide = 8
const noiseLevels = 16

/** What decides the pixels. */
export type ImageOptions = {
  readonly prompt: string
  /** Up to 2^53 is told apart; larger seeds as far as a double can. */
  readonly seed: number
  readonly width: number
  readonly height: number
}

/** A PNG of the picture. About 370 kB at 512 x 512 and 8 ms of CPU time. `text` does not change the pixels. */
export function renderImage(
  options: ImageOptions & { readonly text?: Readonly<Record<string, string>> },
): Buffer {
  const { width, height, text } = options
  return encodePng({ width, height, rgb: renderPixels(options), ...(text === undefined ? {} : { text }) })
}

/** The same picture as a JPEG, for previews. `quality` is 1..100, default 75. */
export function renderJpeg(options: ImageOptions & { readonly quality?: number }): Buffer {
  return encodeJpeg({ ...options, rgb: renderPixels(options) })
}

/** The pixels of frame number `frame` of a moving picture: the picture itself, a little further aside each time. */
export function renderFrame(options: ImageOptions, frame: number): Uint8Array {
  return renderPixels(options, frame * Math.max(1, Math.round(options.width / 64)))
}

/** The pixels alone: width * height * 3 bytes, row by row. `shift` moves the pattern sideways (video frames). */
export function renderPixels(options: ImageOptions, shift = 0): Uint8Array {
  const { width, height } = options
  const start = seedFromText(options.prompt, options.seed)
  const random = seededRandom(start)
  const blocks = Array.from({ length: blocksPerSide ** 2 * 3 }, () =>
    Math.floor(random() * (256 - noiseLevels)),
  )
  const rgb = new Uint8Array(width * height * 3)
  let noise = (start ^ Math.imul(shift + 1, 0x9e3779b1)) | 1
  let at = 0
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * blocksPerSide) / height) * blocksPerSide
    for (let x = 0; x < width; x++) {
      const column = Math.floor((((x + shift) % width) * blocksPerSide) / width)
      const block = (row + column) * 3
      // xorshift32, written out because a call per pixel would triple the time
      noise ^= noise << 13
      noise ^= noise >>> 17
      noise ^= noise << 5
      rgb[at++] = (blocks[block] ?? 0) + (noise & 15)
      rgb[at++] = (blocks[block + 1] ?? 0) + ((noise >>> 8) & 15)
      rgb[at++] = (blocks[block + 2] ?? 0) + ((noise >>> 16) & 15)
    }
  }
  return rgb
}
