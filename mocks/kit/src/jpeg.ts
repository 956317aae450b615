/**
 * A small baseline JPEG encoder for preview pictures: three components without subsampling, standard tables.
 * Deterministic, about 5 ms for 64 x 64. Missing on purpose: subsampling, metadata, optimised tables.
 */
import { acTable, dcTable, type HuffmanTable, quantisation, zigzag } from './jpeg-tables.ts'

/** Pixels to encode: width * height * 3 bytes, row by row. */
export type JpegOptions = {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
  /** 1..100, default 75. */
  readonly quality?: number
}

type Code = readonly [code: number, length: number]

const blockSide = 8

/** Encodes a picture. Sides need not be multiples of eight. */
export function encodeJpeg({ width, height, rgb, quality = 75 }: JpegOptions): Buffer {
  const scale = quality < 50 ? 50 / quality : 2 - quality / 50
  const divisors = quantisation.map((value) => Math.min(255, Math.max(1, Math.round(value * scale))))
  const bits = createBits()
  const [dc, ac] = [codesOf(dcTable), codesOf(acTable)]
  const means = [0, 0, 0]
  for (let y = 0; y < height; y += blockSide) {
    for (let x = 0; x < width; x += blockSide) {
      for (let component = 0; component < 3; component++) {
        const block = transform(readBlock({ width, height, rgb }, x, y, component))
        const levels = zigzag.map((at) => Math.round((block[at] ?? 0) / (divisors[at] ?? 1)))
        writeBlock(bits, levels, means[component] ?? 0, dc, ac)
        means[component] = levels[0] ?? 0
      }
    }
  }
  return Buffer.concat([
    header(width, height, divisors),
    Buffer.from(bits.finish()),
    Buffer.from([0xff, 0xd9]),
  ])
}

/** One component of one block, around zero. Pixels beyond the edge repeat the edge. */
function readBlock(
  { width, height, rgb }: Pick<JpegOptions, 'width' | 'height' | 'rgb'>,
  left: number,
  top: number,
  component: number,
): number[] {
  return Array.from({ length: blockSide * blockSide }, (_, index) => {
    const x = Math.min(width - 1, left + (index % blockSide))
    const y = Math.min(height - 1, top + Math.floor(index / blockSide))
    const [red = 0, green = 0, blue = 0] = rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)
    if (component === 0) return 0.299 * red + 0.587 * green + 0.114 * blue - 128
    if (component === 1) return -0.168736 * red - 0.331264 * green + 0.5 * blue
    return 0.5 * red - 0.418688 * green - 0.081312 * blue
  })
}

/** `cosines[u][x]`, with the scale factors of the transform included. */
const cosines = Array.from({ length: blockSide }, (_, u) =>
  Array.from(
    { length: blockSide },
    (_, x) => (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16),
  ),
)

/** The two-dimensional cosine transform, rows first. */
function transform(block: readonly number[]): number[] {
  const rows = transformRows(block)
  return transposed(transformRows(transposed(rows)))
}

function transformRows(block: readonly number[]): number[] {
  return Array.from({ length: block.length }, (_, index) => {
    const row = index - (index % blockSide)
    return (cosines[index % blockSide] ?? []).reduce(
      (sum, factor, x) => sum + factor * (block[row + x] ?? 0),
      0,
    )
  })
}

function transposed(block: readonly number[]): number[] {
  return block.map((_, index) => block[(index % blockSide) * blockSide + Math.floor(index / blockSide)] ?? 0)
}

function writeBlock(
  bits: Bits,
  levels: readonly number[],
  meanBefore: number,
  dc: ReadonlyMap<number, Code>,
  ac: ReadonlyMap<number, Code>,
): void {
  const difference = (levels[0] ?? 0) - meanBefore
  bits.put(...codeOf(dc, sizeOf(difference)))
  bits.put(...magnitude(difference))
  let zeros = 0
  for (const level of levels.slice(1)) {
    if (level === 0) {
      zeros++
      continue
    }
    for (; zeros > 15; zeros -= 16) bits.put(...codeOf(ac, 0xf0))
    bits.put(...codeOf(ac, zeros * 16 + sizeOf(level)))
    bits.put(...magnitude(level))
    zeros = 0
  }
  if (zeros > 0) bits.put(...codeOf(ac, 0))
}

function codeOf(codes: ReadonlyMap<number, Code>, symbol: number): Code {
  const code = codes.get(symbol)
  if (code === undefined) throw new RangeError(`no code for ${symbol}`)
  return code
}

function sizeOf(level: number): number {
  return 32 - Math.clz32(Math.abs(level))
}

/** Negative levels are written as their one's complement. */
function magnitude(level: number): Code {
  const size = sizeOf(level)
  return [level < 0 ? level + 2 ** size - 1 : level, size]
}

function codesOf({ counts, symbols }: HuffmanTable): Map<number, Code> {
  const codes = new Map<number, Code>()
  let code = 0
  let next = 0
  for (const [index, count] of counts.entries()) {
    for (let each = 0; each < count; each++) codes.set(symbols[next++] ?? 0, [code++, index + 1])
    code *= 2
  }
  return codes
}

type Bits = { readonly put: (value: number, length: number) => void; readonly finish: () => number[] }

function createBits(): Bits {
  const bytes: number[] = []
  let held = 0
  let heldLength = 0
  const put = (value: number, length: number): void => {
    for (let at = length - 1; at >= 0; at--) {
      held = held * 2 + ((value >> at) & 1)
      heldLength++
      if (heldLength < 8) continue
      bytes.push(held)
      // A zero byte keeps 0xff from being read as a marker.
      if (held === 0xff) bytes.push(0)
      held = 0
      heldLength = 0
    }
  }
  return {
    put,
    finish: () => {
      if (heldLength > 0) put(0x7f, 8 - heldLength)
      return bytes
    },
  }
}

function header(width: number, height: number, divisors: readonly number[]): Buffer {
  const segment = (marker: number, ...body: readonly number[]): number[] => [
    0xff,
    marker,
    (body.length + 2) >> 8,
    (body.length + 2) & 0xff,
    ...body,
  ]
  const huffman = (slot: number, { counts, symbols }: HuffmanTable): number[] =>
    segment(0xc4, slot, ...counts, ...symbols)
  const sides = [height >> 8, height & 0xff, width >> 8, width & 0xff]
  return Buffer.from([
    0xff,
    0xd8,
    ...segment(0xe0, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0),
    ...segment(0xdb, 0, ...zigzag.map((at) => divisors[at] ?? 1)),
    ...segment(0xc0, 8, ...sides, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0),
    ...huffman(0x00, dcTable),
    ...huffman(0x10, acTable),
    ...segment(0xda, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0),
  ])
}
