/**
 * Reads and writes PNG pixels with transparency, for servers that merge masks or send single channels. Reads 8-bit
 * pictures without interlacing; anything else is refused, as broken files are.
 */
import { deflateSync, inflateSync } from 'node:zlib'
import { TwinError } from './errors.ts'
import { chunk, pngSignature } from './png.ts'

/** A picture: `rgba` holds width * height * 4 bytes, row by row. */
export type Pixels = { readonly width: number; readonly height: number; readonly rgba: Uint8Array }

/** Samples per pixel by colour type: grey, RGB, grey with alpha, RGBA. */
const samplesByType: Readonly<Record<number, number>> = { 0: 1, 2: 3, 4: 2, 6: 4 }

/** Decodes the file. Throws TwinError `bad-picture` for anything but a plain 8-bit PNG. */
export function decodePng(file: Buffer): Pixels {
  try {
    return decode(file)
  } catch (error) {
    throw new TwinError('bad-picture', `Cannot read the picture: ${String(error)}; give an 8-bit PNG`)
  }
}

function decode(file: Buffer): Pixels {
  if (!file.subarray(0, 8).equals(pngSignature)) throw new TypeError('no PNG signature')
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)]
  const samples = samplesByType[file[25] ?? -1]
  if (file[24] !== 8 || samples === undefined || file[28] !== 0) throw new TypeError('unsupported kind')
  const data: Buffer[] = []
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at)
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(file.subarray(at + 8, at + 8 + length))
    at += length + 12
  }
  const rows = unfilter(inflateSync(Buffer.concat(data)), width * samples, height, samples)
  return { width, height, rgba: toRgba(rows, samples) }
}

/** Undoes the row filters of the PNG standard. */
function unfilter(raw: Buffer, rowBytes: number, height: number, step: number): Uint8Array {
  const rows = new Uint8Array(rowBytes * height)
  for (let y = 0; y < height; y++) {
    const kind = raw[y * (rowBytes + 1)] ?? 0
    for (let x = 0; x < rowBytes; x++) {
      const at = y * rowBytes + x
      const left = x < step ? 0 : (rows[at - step] ?? 0)
      const up = y === 0 ? 0 : (rows[at - rowBytes] ?? 0)
      const corner = x < step || y === 0 ? 0 : (rows[at - rowBytes - step] ?? 0)
      const guesses = [0, left, up, (left + up) >> 1, paeth(left, up, corner)]
      rows[at] = (raw[y * (rowBytes + 1) + 1 + x] ?? 0) + (guesses[kind] ?? 0)
    }
  }
  return rows
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}

function toRgba(rows: Uint8Array, samples: number): Uint8Array {
  const rgba = new Uint8Array((rows.length / samples) * 4)
  for (let from = 0, to = 0; from < rows.length; from += samples, to += 4) {
    const sample = (index: number): number => rows[from + index] ?? 0
    const isGrey = samples < 3
    rgba[to] = sample(0)
    rgba[to + 1] = sample(isGrey ? 0 : 1)
    rgba[to + 2] = sample(isGrey ? 0 : 2)
    rgba[to + 3] = samples % 2 === 0 ? sample(samples - 1) : 255
  }
  return rgba
}

/** Encodes a picture with transparency. */
export function encodeRgbaPng({ width, height, rgba }: Pixels): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const rows = Buffer.alloc((width * 4 + 1) * height)
  for (let y = 0; y < height; y++) {
    rows.set(rgba.subarray(y * width * 4, (y + 1) * width * 4), y * (width * 4 + 1) + 1)
  }
  return Buffer.concat([
    pngSignature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** The colours alone, as `encodePng` and `encodeJpeg` take them. */
export function rgbOf({ rgba }: Pixels): Uint8Array {
  return rgba.filter((_, index) => index % 4 !== 3)
}
