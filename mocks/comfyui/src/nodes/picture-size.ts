/** Width and height of a picture file from its first bytes: PNG, JPEG, GIF and WebP. */
import { pngSignature } from '@squall/twin-kit'
import { PythonError } from '../python-error.ts'

/** A size in pixels. */
export type PictureSize = { readonly width: number; readonly height: number }

/** The size of the picture in `file`. Throws what the server's image library raises for a file that is none. */
export function pictureSize(file: Buffer, path: string): PictureSize {
  const size = sizeOf(file)
  if (size !== undefined && size.width > 0 && size.height > 0) return size
  throw new PythonError('PIL.UnidentifiedImageError', `cannot identify image file '${path}'`)
}

function sizeOf(file: Buffer): PictureSize | undefined {
  if (file.length < 30) return undefined
  const magic = file.toString('latin1', 0, 4)
  if (file.subarray(0, 8).equals(pngSignature)) {
    return { width: file.readUInt32BE(16), height: file.readUInt32BE(20) }
  }
  if (magic === 'GIF8') return { width: file.readUInt16LE(6), height: file.readUInt16LE(8) }
  if (magic === 'RIFF' && file.toString('latin1', 8, 12) === 'WEBP') return webpSize(file)
  return file.readUInt16BE(0) === 0xffd8 ? jpegSize(file) : undefined
}

/** The three kinds of first chunk: lossy, lossless, extended. */
function webpSize(file: Buffer): PictureSize | undefined {
  const kind = file.toString('latin1', 12, 16)
  if (kind === 'VP8 ') {
    return { width: file.readUInt16LE(26) & 0x3fff, height: file.readUInt16LE(28) & 0x3fff }
  }
  if (kind === 'VP8L') {
    const bits = file.readUInt32LE(21)
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  if (kind === 'VP8X') return { width: file.readUIntLE(24, 3) + 1, height: file.readUIntLE(27, 3) + 1 }
  return undefined
}

/** Walks the segments to the frame header (SOF0..SOF15 without the three that are something else). */
function jpegSize(file: Buffer): PictureSize | undefined {
  for (let at = 2; at + 9 < file.length; at += 2 + file.readUInt16BE(at + 2)) {
    const marker = file[at + 1] ?? 0
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { width: file.readUInt16BE(at + 7), height: file.readUInt16BE(at + 5) }
  }
  return undefined
}
