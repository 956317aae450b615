/**
 * Takes the clock out of an MP4 file: the encoder writes the time of day into three headers, so the same video made
 * a second later has other bytes, and other sha256. Times of zero mean "not set".
 */

/** Boxes that hold other boxes on the way to the headers. */
const containers = new Set(['moov', 'trak', 'mdia'])
/** Headers whose first fields are creation and modification time. */
const headers = new Set(['mvhd', 'tkhd', 'mdhd'])

/** Sets creation and modification times to zero, in place. Sizes of 64 bits are not understood and end the walk. */
export function clearMp4Times(file: Buffer): void {
  for (let at = 0; at + 8 <= file.length; ) {
    const bytes = file.readUInt32BE(at)
    const type = file.toString('latin1', at + 4, at + 8)
    if (bytes < 8 || at + bytes > file.length) return
    if (containers.has(type)) clearMp4Times(file.subarray(at + 8, at + bytes))
    // Version 1 of a header has times of 8 bytes instead of 4.
    if (headers.has(type)) file.fill(0, at + 12, at + 12 + (file[at + 8] === 1 ? 16 : 8))
    at += bytes
  }
}
