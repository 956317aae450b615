/** Masks and pictures encoded anew: not only the headers, the pixels too. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodePng, encodePng, encodeRgbaPng } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { startComfyui, temporaryFolder } from '../testing/observed-twin.ts'

const side = { width: 2, height: 1 }
const colours = encodePng({ ...side, rgb: Uint8Array.of(10, 20, 30, 40, 50, 60) })
const mask = encodeRgbaPng({ ...side, rgba: Uint8Array.of(0, 0, 0, 7, 0, 0, 0, 200) })

async function startWithMask() {
  const dataFolder = temporaryFolder()
  const twin = await startComfyui({ dataFolder })
  const upload = async (route: string, name: string, bytes: Buffer, more: Record<string, string> = {}) => {
    const form = new FormData()
    form.set('image', new Blob([new Uint8Array(bytes)]), name)
    for (const [field, value] of Object.entries(more)) form.set(field, value)
    return (await fetch(`${twin.url}/upload/${route}`, { method: 'POST', body: form })).status
  }
  expect(await upload('image', 'a.png', colours)).toBe(200)
  const original = JSON.stringify({ filename: 'a.png', subfolder: '', type: 'input' })
  expect(await upload('mask', 'm.png', mask, { original_ref: original })).toBe(200)
  return { twin, dataFolder, upload }
}

test('a mask lends its transparency to the original', async () => {
  const { twin, dataFolder } = await startWithMask()
  await using _ = twin
  const merged = decodePng(readFileSync(join(dataFolder, 'input', 'm.png')))
  expect([...merged.rgba]).toEqual([10, 20, 30, 7, 40, 50, 60, 200])
})

test('channels and previews', async () => {
  const { twin } = await startWithMask()
  await using _ = twin
  const view = async (query: string) =>
    Buffer.from(await (await fetch(`${twin.url}/view?filename=m.png&type=input&${query}`)).arrayBuffer())
  expect([...decodePng(await view('channel=rgb')).rgba]).toEqual([10, 20, 30, 255, 40, 50, 60, 255])
  expect([...decodePng(await view('channel=a')).rgba]).toEqual([0, 0, 0, 7, 0, 0, 0, 200])
  expect((await view('preview=jpeg;80')).toString('hex', 0, 3)).toBe('ffd8ff')
})

test('a mask that is no picture, or an upload without an original', async () => {
  const { twin, dataFolder, upload } = await startWithMask()
  await using _ = twin
  const original = JSON.stringify({ filename: 'a.png', subfolder: '', type: 'input' })
  expect(await upload('mask', 'n.png', Buffer.from('no'), { original_ref: original })).toBe(500)
  expect(await upload('mask', 'n.png', mask)).toBe(500)
  expect(await upload('mask', 'n.png', mask, { original_ref: '{"filename": "nope.png"}' })).toBe(200)
  expect(() => readFileSync(join(dataFolder, 'input', 'n.png'))).toThrow('ENOENT')
})
