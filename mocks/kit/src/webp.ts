/**
 * Writes WebP files, single pictures and animations, with nothing but a bit writer. The pictures are VP8L: every
 * pixel is three prefix codes of one length, so a file is `levelBits * 3 / 8` bytes per pixel. `quality` below 100
 * drops levels, as lossy encoders drop detail; real files are smaller.
 * After the WebP container and lossless bitstream specifications (RFC 9649).
 */

/** A picture: `rgb` holds width * height * 3 bytes, row by row. `quality` is 1..100, default 100 (lossless). */
export type WebpOptions = {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
  readonly quality?: number
}

/** Encodes one picture. The same options give the same bytes. */
export function encodeWebp(options: WebpOptions): Buffer {
  return riff(chunk('VP8L', losslessBits(options)))
}

/** Encodes frames of one size, each shown for `frameMs`, again and again. */
export function encodeAnimatedWebp(options: {
  readonly width: number
  readonly height: number
  readonly frames: Iterable<Uint8Array>
  readonly frameMs: number
  readonly quality?: number
}): Buffer {
  const { frames, frameMs, ...size } = options
  const canvas = [uint24(options.width - 1), uint24(options.height - 1)]
  const hasAnimation = 0x02
  const parts = [
    chunk('VP8X', Buffer.concat([Buffer.from([hasAnimation, 0, 0, 0]), ...canvas])),
    // Background colour 0, and 0 rounds, which means endless.
    chunk('ANIM', Buffer.alloc(6)),
  ]
  for (const rgb of frames) {
    const place = [uint24(0), uint24(0), ...canvas, uint24(Math.round(frameMs)), Buffer.from([0])]
    parts.push(chunk('ANMF', Buffer.concat([...place, chunk('VP8L', losslessBits({ ...size, rgb }))])))
  }
  return riff(Buffer.concat(parts))
}

/** The bitstream of one picture: no transforms, no colour cache, one group of prefix codes. */
function losslessBits({ width, height, rgb, quality = 100 }: WebpOptions): Buffer {
  const levelBits = quality >= 100 ? 8 : Math.max(3, Math.ceil(quality / 16))
  const bits = createBits(64 + Math.ceil((width * height * 3 * levelBits) / 8) + 200)
  bits.write(0x2f, 8)
  bits.write(width - 1, 14)
  bits.write(height - 1, 14)
  bits.write(0, 1 + 3 + 1 + 1 + 1) // no alpha, version 0, no transform, no colour cache, no meta codes
  const levels = levelsOf(levelBits)
  const lengthsOfGreen = 256 + 24 // literals, then lengths of backward references
  writeEvenCode(bits, levels, lengthsOfGreen, levelBits)
  writeEvenCode(bits, levels, 256, levelBits)
  writeEvenCode(bits, levels, 256, levelBits)
  writeSingleCode(bits, 255) // alpha: always opaque
  writeSingleCode(bits, 0) // distance: never used
  const codes = levels.map((_, index) => reversed(index, levelBits))
  const shift = 8 - levelBits
  for (let at = 0; at < rgb.length; at += 3) {
    bits.write(codes[(rgb[at + 1] ?? 0) >> shift] ?? 0, levelBits)
    bits.write(codes[(rgb[at] ?? 0) >> shift] ?? 0, levelBits)
    bits.write(codes[(rgb[at + 2] ?? 0) >> shift] ?? 0, levelBits)
  }
  return bits.end()
}

/** The values that are left of 0..255, evenly spaced. */
function levelsOf(levelBits: number): number[] {
  const last = 2 ** levelBits - 1
  return Array.from({ length: last + 1 }, (_, index) => Math.round((index * 255) / last))
}

/** Order in which lengths of code lengths are stored. Only 0 and `bits` occur here. */
const lengthOrder = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]

/** A code in which all `levels` have `length` bits and the rest of the alphabet none. */
function writeEvenCode(bits: Bits, levels: readonly number[], alphabet: number, length: number): void {
  const used = lengthOrder.indexOf(length) + 1
  bits.write(0, 1) // not a simple code
  bits.write(used - 4, 4)
  for (const symbol of lengthOrder.slice(0, used)) bits.write(symbol === 0 || symbol === length ? 1 : 0, 3)
  bits.write(0, 1) // lengths of the whole alphabet follow
  const isLevel = new Set(levels)
  for (let symbol = 0; symbol < alphabet; symbol++) bits.write(isLevel.has(symbol) ? 1 : 0, 1)
}

/** A code of one symbol, which then takes no bits at all. */
function writeSingleCode(bits: Bits, symbol: number): void {
  bits.write(1, 1) // simple
  bits.write(0, 1) // one symbol
  bits.write(1, 1) // of 8 bits
  bits.write(symbol, 8)
}

/** Prefix codes are read from their first bit, everything else from the lowest. */
function reversed(code: number, length: number): number {
  let result = 0
  for (let bit = 0; bit < length; bit++) result |= ((code >> bit) & 1) << (length - 1 - bit)
  return result
}

type Bits = { readonly write: (value: number, count: number) => void; readonly end: () => Buffer }

/** Collects bits, the lowest first. `bytesMax` must be enough. */
function createBits(bytesMax: number): Bits {
  const bytes = Buffer.alloc(bytesMax)
  let length = 0
  let held = 0
  let heldBits = 0
  return {
    write: (value, count) => {
      held |= value << heldBits
      heldBits += count
      while (heldBits >= 8) {
        bytes[length++] = held & 0xff
        held >>>= 8
        heldBits -= 8
      }
    },
    end: () => {
      if (heldBits > 0) bytes[length++] = held
      return bytes.subarray(0, length)
    },
  }
}

function riff(content: Buffer): Buffer {
  return chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), content]))
}

/** A chunk: name, length, content, padded to an even length. */
function chunk(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.write(name, 'latin1')
  head.writeUInt32LE(content.length, 4)
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)])
}

function uint24(value: number): Buffer {
  const bytes = Buffer.alloc(3)
  bytes.writeUIntLE(value, 0, 3)
  return bytes
}
