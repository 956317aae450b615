/**
 * Puts the H.264 frames of an MP4 file into a Matroska file (RFC 9559), for servers that are asked for another
 * container. One video track; every cluster begins with a timestamp of its own.
 * Knowingly missing: an index for seeking (Cues).
 */
import { mp4Samples } from './mp4-samples.ts'

/** Ids of the elements that occur, in the order of the file. */
const ids = {
  ebml: 0x1a45dfa3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  muxingApp: 0x4d80,
  writingApp: 0x5741,
  tracks: 0x1654ae6b,
  track: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  codec: 0x86,
  codecPrivate: 0x63a2,
  frameNanoseconds: 0x23e383,
  video: 0xe0,
  width: 0xb0,
  height: 0xba,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  block: 0xa3,
} as const

/** Times inside a cluster are 16 bits of milliseconds. */
const clusterMsMax = 30_000
const keyFrame = 0x80

/** The same film in another container. The same input gives the same bytes. */
export function toMatroska(
  mp4: Buffer,
  { width, height, fps }: { readonly width: number; readonly height: number; readonly fps: number },
): Buffer {
  const { decoderConfig, samples } = mp4Samples(mp4)
  const timeOf = (frame: number): number => Math.round((frame * 1000) / fps)
  const head = element(
    ids.ebml,
    text(ids.docType, 'matroska'),
    whole(ids.docTypeVersion, 4),
    whole(ids.docTypeReadVersion, 2),
  )
  const info = element(
    ids.info,
    whole(ids.timestampScale, 1_000_000),
    float(ids.duration, timeOf(samples.length)),
    text(ids.muxingApp, 'squall'),
    text(ids.writingApp, 'squall'),
  )
  const track = element(
    ids.track,
    whole(ids.trackNumber, 1),
    whole(ids.trackUid, 1),
    whole(ids.trackType, 1), // video
    text(ids.codec, 'V_MPEG4/ISO/AVC'),
    element(ids.codecPrivate, decoderConfig),
    whole(ids.frameNanoseconds, Math.round(1e9 / fps)),
    element(ids.video, whole(ids.width, width), whole(ids.height, height)),
  )
  const clusters: Buffer[] = []
  for (let first = 0; first < samples.length; ) {
    const last = samples.findIndex((_, frame) => timeOf(frame) - timeOf(first) > clusterMsMax)
    const end = last === -1 ? samples.length : last
    const blocks = samples.slice(first, end).map(({ bytes, isKey }, index) => {
      const blockHead = Buffer.from([0x81, 0, 0, isKey ? keyFrame : 0]) // track 1, time, flags
      blockHead.writeInt16BE(timeOf(first + index) - timeOf(first), 1)
      return element(ids.block, blockHead, bytes)
    })
    clusters.push(element(ids.cluster, whole(ids.timestamp, timeOf(first)), ...blocks))
    first = end
  }
  return Buffer.concat([head, element(ids.segment, info, element(ids.tracks, track), ...clusters)])
}

/** Id, length in eight bytes, content. */
function element(id: number, ...content: readonly Buffer[]): Buffer {
  const idText = id.toString(16)
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE(BigInt(content.reduce((sum, { length }) => sum + length, 0)))
  size[0] = 0x01
  return Buffer.concat([Buffer.from(idText, 'hex'), size, ...content])
}

function text(id: number, value: string): Buffer {
  return element(id, Buffer.from(value))
}

function whole(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return element(id, bytes)
}

function float(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return element(id, bytes)
}
