/** Node ids that look like numbers stay where the client put them, in everything that lists nodes. */
import { expect, test } from 'vitest'
import { connect, isEndOf, post, startComfyui } from './testing/observed-twin.ts'

// 30 comes first in the text, and JavaScript would put it last.
const prompt = `{
  "30": {"class_type": "EmptyImage", "inputs": {"width": 16, "height": 16, "batch_size": 1, "color": 1}},
  "4": {"class_type": "ImageInvert", "inputs": {"image": ["30", 0]}},
  "21": {"class_type": "SaveImage", "inputs": {"images": ["4", 0], "filename_prefix": "order"}},
  "3": {"class_type": "PreviewImage", "inputs": {"images": ["4", 0]}}
}`

/** The quoted numbers in a text, each once, in their order. */
function idsIn(text: string): string[] {
  return [...new Set([...text.matchAll(/"(30|4|21|3)"/g)].map(([, id = '']) => id))]
}

test('queue, history, cache and progress keep the order of the text', async () => {
  await using twin = await startComfyui()
  const client = await connect(twin.url, 'a')
  const raw: string[] = []
  client.socket.on('message', (data: Buffer) => void raw.push(data.toString()))
  const run = async () => {
    const { json } = await post(`${twin.url}/prompt`, `{"client_id": "a", "prompt": ${prompt}}`)
    const id = String(json['prompt_id'])
    await client.until(isEndOf(id))
    return id
  }
  const id = await run()
  const history = await (await fetch(`${twin.url}/history/${id}`)).text()
  expect(idsIn(history.slice(0, history.indexOf('"outputs"')))).toEqual(['30', '4', '21', '3'])
  expect(idsIn(raw.findLast((text) => text.includes('progress_state')) ?? '')).toEqual(['30', '4', '21', '3'])
  const outputs = history.slice(history.indexOf('"outputs"'), history.indexOf('"status"'))
  expect(idsIn(outputs)).toEqual(['21', '3'])
  await run()
  expect(idsIn(raw.findLast((text) => text.includes('execution_cached')) ?? '')).toEqual([
    '30',
    '4',
    '21',
    '3',
  ])
})

test('errors name the nodes in the order they were found', async () => {
  await using twin = await startComfyui()
  const broken = prompt
    .replaceAll('"width": 16', '"width": 0')
    .replace('"filename_prefix": "order"', '"other": 1')
  const { status, text } = await post(`${twin.url}/prompt`, `{"prompt": ${broken}}`)
  expect(status).toBe(400)
  expect(idsIn(text.slice(text.indexOf('"node_errors"'))).slice(0, 2)).toEqual(['30', '21'])
})
