/** The film in its other container: same frames, same decoder set-up, times that fit. */
import { expect, test } from 'vitest'
import { toMatroska } from './matroska.ts'
import { mp4Samples } from './mp4-samples.ts'
import { renderVideo } from './render-video.ts'

type Element = { readonly id: string; readonly content: Buffer }

const masters = new Set(['18538067', '1654ae6b', 'ae', '1f43b675', 'e0', '1549a966', '1a45dfa3'])

/** All elements, masters opened, in the order of the file. */
function elementsIn(bytes: Buffer): Element[] {
  const found: Element[] = []
  for (let at = 0; at < bytes.length; ) {
    const idLength = Math.clz32(bytes[at] ?? 0) - 23
    const id = bytes.toString('hex', at, at + idLength)
    const length = Number(bytes.readBigUInt64BE(at + idLength) & 0xffffffffffffffn)
    at += idLength + 8
    const content = bytes.subarray(at, at + length)
    found.push({ id, content }, ...(masters.has(id) ? elementsIn(content) : []))
    at += length
  }
  return found
}

test('every frame arrives unchanged, at its time, in clusters whose times fit 16 bits', async () => {
  const film = { prompt: 'a fox', seed: 1, width: 32, height: 32, frames: 70, fps: 2 }
  const mp4 = await renderVideo(film)
  const elements = elementsIn(toMatroska(mp4, film))
  const contents = (id: string) =>
    elements.filter((element) => element.id === id).map(({ content }) => content)
  expect(contents('4282').map(String)).toEqual(['matroska'])
  expect(contents('86').map(String)).toEqual(['V_MPEG4/ISO/AVC'])
  const { decoderConfig, samples } = mp4Samples(mp4)
  expect(contents('63a2')).toEqual([decoderConfig])
  expect(decoderConfig[0]).toBe(1)
  const blocks = contents('a3')
  expect(blocks.map((block) => block.subarray(4))).toEqual(samples.map(({ bytes }) => bytes))
  expect(samples).toHaveLength(70)
  expect((blocks[0]?.[3] ?? 0) & 0x80).toBe(0x80)

  const times: number[] = []
  let cluster = 0
  for (const { id, content } of elements) {
    if (id === 'e7') cluster = Number(content.readBigUInt64BE())
    if (id === 'a3') times.push(cluster + content.readInt16BE(1))
  }
  expect(times).toEqual(Array.from({ length: 70 }, (_, frame) => frame * 500))
  expect(contents('e7')).toHaveLength(2)
  expect(contents('4489')[0]?.readDoubleBE()).toBe(35_000)
})

test('a file that is no MP4 is refused', () => {
  expect(() => toMatroska(Buffer.from('nothing'), { width: 2, height: 2, fps: 1 })).toThrow(
    expect.objectContaining({ code: 'bad-video' }),
  )
})
