/** Writes animated PNG files (PNG specification, third edition): a PNG whose first frame any reader shows. */
import { chunk, headerChunk, packedPixels, pngSignature } from './png.ts'

/** Frames of one size, each shown for `frameMs`, again and again. `after` are chunks of one's own behind the pixels. */
export type AnimatedPngOptions = {
  readonly width: number
  readonly height: number
  readonly frames: readonly Uint8Array[]
  readonly frameMs: number
  readonly after?: readonly (readonly [type: string, content: Buffer])[]
}

/** Encodes the animation. The same options give the same bytes. */
export function encodeAnimatedPng(options: AnimatedPngOptions): Buffer {
  const { width, height, frames, after = [] } = options
  let sequence = 0
  const controlled = frames.flatMap((rgb, index) => {
    const pixels = packedPixels(rgb, width, height)
    const control = chunk('fcTL', frameControl(sequence++, options))
    if (index === 0) return [control, chunk('IDAT', pixels)]
    return [control, chunk('fdAT', Buffer.concat([uint32(sequence++), pixels]))]
  })
  return Buffer.concat([
    pngSignature,
    headerChunk(width, height),
    chunk('acTL', Buffer.concat([uint32(frames.length), uint32(0)])),
    ...controlled,
    ...after.map(([type, content]) => chunk(type, content)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** The whole canvas, then the delay as a fraction, then: leave the frame, replace what was there. */
function frameControl(number: number, { width, height, frameMs }: AnimatedPngOptions): Buffer {
  const delay = Buffer.alloc(6)
  delay.writeUInt16BE(Math.min(65_535, Math.round(frameMs)), 0)
  delay.writeUInt16BE(1000, 2)
  return Buffer.concat([...[number, width, height, 0, 0].map(uint32), delay])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
