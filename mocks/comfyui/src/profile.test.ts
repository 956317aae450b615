/** The older dialect, as far as a client notices. */
import { startTwin } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { comfyuiTwin } from './comfyui-twin.ts'
import {
  connect,
  getJson,
  isEndOf,
  post,
  startComfyui,
  submit,
  temporaryFolder,
} from './testing/observed-twin.ts'
import { sd15Graph, smallGraph } from './testing/sd15-graph.ts'

const old = { flags: { profile: '0.3.43' } }

test('0.3.43: every tick, no progress_state, no negotiation', async () => {
  await using twin = await startComfyui(old)
  const client = await connect(twin.url, 'a')
  client.socket.send(JSON.stringify({ type: 'feature_flags', data: {} }))
  await client.until(isEndOf(await submit(twin.url, sd15Graph({ steps: 5 }), 'a')))
  const types = client.frames.map(({ type }) => type)
  expect(types.filter((type) => type === 'progress')).toHaveLength(5)
  expect(types).not.toContain('progress_state')
  expect(types).not.toContain('feature_flags')
})

test('0.3.43: free prompt ids, no creation time, no jobs, the old words for a missing class', async () => {
  await using twin = await startComfyui(old)
  const client = await connect(twin.url, 'a')
  const id = await submit(twin.url, smallGraph(), 'a', { prompt_id: 'my prompt' })
  expect(id).toBe('my prompt')
  await client.until(isEndOf(id))
  expect(JSON.stringify(await getJson(`${twin.url}/history`))).not.toContain('create_time')
  for (const path of ['/api/jobs', '/features']) expect((await fetch(twin.url + path)).status).toBe(404)
  const { json } = await post(`${twin.url}/prompt`, { prompt: { 3: { class_type: 'Nope', inputs: {} } } })
  expect(json['error']).toEqual({
    type: 'invalid_prompt',
    message: 'Cannot execute because node Nope does not exist.',
    details: "Node ID '#3'",
    extra_info: {},
  })
})

test('an unknown dialect is refused', async () => {
  const start = startTwin({ ...comfyuiTwin, dataFolder: temporaryFolder(), flags: { profile: '9' } })
  await expect(start).rejects.toThrow("Cannot read the flags: --profile is '9'; give 0.33 or 0.3.43")
})
