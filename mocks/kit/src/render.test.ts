import { crc32, inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { pngSignature } from './png.ts'
import { renderImage, renderPixels } from './render-image.ts'
import { renderVideo } from './render-video.ts'

const picture = { prompt: 'a fox', seed: 1, width: 64, height: 48 }

/** Independent reader: walks the chunks, checks every checksum, undoes the Up filter. */
function decodePng(file: Buffer) {
  expect(file.subarray(0, 8)).toEqual(pngSignature)
  const chunks: { type: string; data: Buffer }[] = []
  for (let at = 8; at < file.length; ) {
    const bytes = file.readUInt32BE(at)
    expect(file.readUInt32BE(at + 8 + bytes)).toBe(crc32(file.subarray(at + 4, at + 8 + bytes)))
    chunks.push({
      type: file.toString('latin1', at + 4, at + 8),
      data: file.subarray(at + 8, at + 8 + bytes),
    })
    at += bytes + 12
  }
  const [header] = chunks
  const width = header?.data.readUInt32BE(0) ?? 0
  const rows = inflateSync(chunks.find(({ type }) => type === 'IDAT')?.data ?? Buffer.alloc(0))
  const rgb: number[] = []
  for (let at = 0; at < rows.length; at += width * 3 + 1) {
    expect(rows[at]).toBe(2)
    for (let x = 1; x <= width * 3; x++)
      rgb.push(((rows[at + x] ?? 0) + (rgb[rgb.length - width * 3] ?? 0)) & 255)
  }
  return { types: chunks.map(({ type }) => type), chunks, rgb: Uint8Array.from(rgb) }
}

test('a PNG decodes to the pixels of its prompt and seed, with its text', () => {
  const decoded = decodePng(renderImage({ ...picture, text: { prompt: '{"1": {}}' } }))
  expect(decoded.types).toEqual(['IHDR', 'tEXt', 'IDAT', 'IEND'])
  expect(decoded.chunks[1]?.data.toString('latin1')).toBe('prompt\0{"1": {}}')
  expect(decoded.rgb).toEqual(renderPixels(picture))
})

test('prompt and seed decide the bytes', () => {
  expect(renderImage(picture)).toEqual(renderImage(picture))
  for (const other of [{ prompt: 'a fix' }, { seed: 2 }, { seed: 2 ** 32 + 1 }]) {
    expect(renderImage({ ...picture, ...other })).not.toEqual(renderImage(picture))
  }
})

test('a picture has the size of a generated one', () => {
  const bytes = renderImage({ ...picture, width: 512, height: 512 }).length
  expect(bytes).toBeGreaterThan(250_000)
  expect(bytes).toBeLessThan(700_000)
})

test('a video is an MP4 with an H.264 track, the same bytes each time, and the process keeps its error handling', async () => {
  const video = { ...picture, frames: 4, fps: 8 }
  const bytes = await renderVideo(video)
  expect(bytes.toString('latin1', 4, 8)).toBe('ftyp')
  for (const box of ['moov', 'mdat', 'avc1', 'avcC']) expect(bytes.includes(box)).toBe(true)
  const sampleSizes = bytes.indexOf('stsz')
  expect(bytes.readUInt32BE(sampleSizes + 12)).toBe(4)
  expect(await renderVideo(video)).toEqual(bytes)
  expect(await renderVideo({ ...video, seed: 2 })).not.toEqual(bytes)
})
