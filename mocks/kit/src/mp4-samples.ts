/**
 * Reads the frames out of an MP4 file as the kit's encoder writes it: one H.264 track whose frames lie one behind the
 * other.
 */
import { TwinError } from './errors.ts'

/** What a decoder must know before the first frame, and the frames. */
export type Mp4Samples = {
  readonly decoderConfig: Buffer
  readonly samples: readonly { readonly bytes: Buffer; readonly isKey: boolean }[]
}

/** Throws TwinError `bad-video` for any other file. */
export function mp4Samples(file: Buffer): Mp4Samples {
  const table = boxAt(file, ['moov', 'trak', 'mdia', 'minf', 'stbl'])
  const sizes = boxAt(table, ['stsz'])
  const description = boxAt(table, ['stsd'])
  let at = boxAt(table, ['stco']).readUInt32BE(8)
  const count = sizes.readUInt32BE(8)
  const samples = Array.from({ length: count }, (_, index) => {
    const bytes = file.subarray(at, at + sizes.readUInt32BE(12 + index * 4))
    at += bytes.length
    // Four bytes of length, then the kind of the unit; 5 is a picture that needs no other.
    return { bytes, isKey: ((bytes[4] ?? 0) & 0x1f) === 5 }
  })
  const found = description.indexOf('avcC')
  return {
    decoderConfig: description.subarray(found + 4, found - 4 + description.readUInt32BE(found - 4)),
    samples,
  }
}

/** Content of the box at the end of a path of box names. */
function boxAt(content: Buffer, path: readonly string[]): Buffer {
  const [name, ...rest] = path
  if (name === undefined) return content
  for (let at = 0; at + 8 <= content.length; at += Math.max(8, content.readUInt32BE(at))) {
    if (content.toString('latin1', at + 4, at + 8) === name) {
      return boxAt(content.subarray(at + 8, at + content.readUInt32BE(at)), rest)
    }
  }
  throw new TwinError('bad-video', `Cannot read the video: it has no ${name} box; give an MP4 of the kit`)
}
