/** Times of a real file are gone, and nothing else has changed. */
import { expect, test } from 'vitest'
import { clearMp4Times } from './mp4-times.ts'
import { renderVideo } from './render-video.ts'

const timesAt = (file: Buffer, header: string): number => file.indexOf(header) + 8

test('the three headers have no time of day', async () => {
  const file = await renderVideo({ prompt: 'a cat', seed: 1, width: 32, height: 32, frames: 2, fps: 8 })
  for (const header of ['mvhd', 'tkhd', 'mdhd']) {
    expect(file.readBigUInt64BE(timesAt(file, header))).toBe(0n)
  }
  const dated = Buffer.from(file)
  for (const header of ['mvhd', 'tkhd', 'mdhd']) dated.writeUInt32BE(1_700_000_000, timesAt(dated, header))
  clearMp4Times(dated)
  expect(dated.equals(file)).toBe(true)
})
