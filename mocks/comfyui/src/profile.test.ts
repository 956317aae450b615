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

test.each([
  ['0.3.56', { targets: true, times: false, jobs: 404, cancel: 405, ids: true, site: 200, sniff: null }],
  ['0.8.0', { targets: true, times: true, jobs: 200, cancel: 405, ids: true, site: 200, sniff: null }],
  ['0.18.1', { targets: true, times: true, jobs: 200, cancel: 405, ids: true, site: 403, sniff: null }],
  ['0.25.0', { targets: true, times: true, jobs: 200, cancel: 200, ids: false, site: 403, sniff: null }],
  ['0.33', { targets: true, times: true, jobs: 200, cancel: 200, ids: false, site: 403, sniff: 'nosniff' }],
])('%s is in between: %o', async (profile, expected) => {
  await using twin = await startComfyui({ flags: { profile } })
  const { url } = twin
  const client = await connect(url, 'a')
  const { json } = await post(`${url}/prompt`, { prompt: smallGraph(), client_id: 'a', prompt_id: 'free' })
  const takesFree = json['prompt_id'] === 'free'
  const id = takesFree ? 'free' : await submit(url, smallGraph(), 'a')
  await client.until(isEndOf(id))
  const entry = (await getJson(`${url}/history/${id}`))[id] as {
    outputs: Record<string, { images: { filename: string }[] }>
  }
  const file = Object.values(entry.outputs)[0]?.images[0]?.filename ?? ''
  const cross = await fetch(`${url}/prompt`, { headers: { 'sec-fetch-site': 'cross-site' } })
  const targeted = await post(`${url}/prompt`, { prompt: smallGraph(), partial_execution_targets: ['none'] })
  expect({
    targets: targeted.status === 400,
    times: JSON.stringify(entry).includes('create_time'),
    jobs: (await fetch(`${url}/api/jobs`)).status,
    cancel: (await post(`${url}/api/jobs/${id}/cancel`, {})).status,
    ids: takesFree,
    site: cross.status,
    sniff: (await fetch(`${url}/view?filename=${file}`)).headers.get('x-content-type-options'),
  }).toEqual(expected)
  const { system } = (await getJson(`${url}/system_stats`)) as { system?: { comfyui_version: string } }
  expect(system?.comfyui_version).toBe(profile === '0.33' ? '0.33.0' : profile)
})

test('an unknown dialect is refused', async () => {
  const start = startTwin({ ...comfyuiTwin, dataFolder: temporaryFolder(), flags: { profile: '9' } })
  await expect(start).rejects.toThrow(
    "Cannot read the flags: --profile is '9'; give a version from 0.3.40 to 0.33",
  )
})
