/** Order, paging and cancelling of jobs; shapes are checked by the golden replay. */
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { connect, getJson, isEndOf, post, startComfyui, submit } from '../testing/observed-twin.ts'
import { smallGraph } from '../testing/sd15-graph.ts'

const slowGraph = {
  1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 1 } },
  2: { class_type: 'TProgress', inputs: { image: ['1', 0], steps: 1000, delay: 1, preview: false } },
  3: { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'slow' } },
}

type Jobs = { jobs: { id: string; status: string }[]; pagination: Record<string, unknown> }
const jobsAt = async (url: string) => (await getJson(url)) as unknown as Jobs

async function startBusy() {
  const twin = await startComfyui({ flags: { 'test-nodes': true }, timeScale: 0.01 })
  const client = await connect(twin.url, 'a')
  const done = await submit(twin.url, smallGraph(), 'a')
  await client.until(isEndOf(done))
  const running = await submit(twin.url, slowGraph, 'a')
  await client.until(({ type, data }) => type === 'progress' && data['prompt_id'] === running)
  const waiting = await submit(twin.url, smallGraph(2), 'a')
  return { twin, client, done, running, waiting }
}

test('newest first, filtered by status, in pages', async () => {
  const { twin, done, running, waiting } = await startBusy()
  await using _ = twin
  const all = await jobsAt(`${twin.url}/api/jobs`)
  expect(all.jobs.map(({ id }) => id)).toEqual([waiting, running, done])
  expect(all.jobs.map(({ status }) => status)).toEqual(['pending', 'in_progress', 'completed'])
  const oldest = await jobsAt(`${twin.url}/api/jobs?sort_order=asc&limit=1`)
  expect(oldest.jobs.map(({ id }) => id)).toEqual([done])
  expect(oldest.pagination).toEqual({ offset: 0, limit: 1, total: 3, has_more: true })
  const second = await jobsAt(`${twin.url}/api/jobs?status=pending,completed&offset=1`)
  expect(second.jobs.map(({ id }) => id)).toEqual([done])
})

test('a cancelled running job is remembered, a cancelled pending one vanishes', async () => {
  const { twin, client, done, running, waiting } = await startBusy()
  await using _ = twin
  const cancel = async (id: string) => (await post(`${twin.url}/api/jobs/${id}/cancel`, {})).json['cancelled']
  expect(await cancel(waiting)).toBe(true)
  expect((await fetch(`${twin.url}/api/jobs/${waiting}`)).status).toBe(404)
  expect(await cancel(running)).toBe(true)
  await client.until(isEndOf(running))
  expect((await getJson(`${twin.url}/api/jobs/${running}`))['status']).toBe('cancelled')
  expect(await cancel(done)).toBe(false)
  expect(await cancel(randomUUID())).toBe(false)
})

test('cancelling many refuses what is no list of UUIDs', async () => {
  const { twin, waiting } = await startBusy()
  await using _ = twin
  const cancel = (body: unknown) => post(`${twin.url}/api/jobs/cancel`, body)
  expect((await cancel({ job_ids: 'x' })).status).toBe(400)
  expect((await cancel({ job_ids: ['x'] })).json['invalid_ids']).toEqual(['x'])
  expect((await cancel({ job_ids: [waiting] })).json).toEqual({ cancelled: true })
})
