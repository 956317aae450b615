/** Contract with a real client library: the pool of @saintno/comfyui-sdk over two twins. */
import { CallWrapper, ComfyApi, ComfyPool, EQueueMode, PromptBuilder } from '@saintno/comfyui-sdk'
import { expect, onTestFinished, test } from 'vitest'
import { startComfyui } from '../testing/observed-twin.ts'
import { sd15Graph } from '../testing/sd15-graph.ts'

async function readyPool(mode: EQueueMode, ...urls: readonly string[]): Promise<ComfyPool> {
  const pool = new ComfyPool(
    urls.map((url, index) => new ComfyApi(url, `pool-${index}`)),
    mode,
  )
  onTestFinished(() => pool.destroy())
  // The pool takes its clients in one by one.
  await expect.poll(() => pool.clients.length).toBe(urls.length)
  await Promise.all(pool.clients.map((client) => client.waitForReady()))
  return pool
}

test('clients are found by place and name, added and removed', async () => {
  await using twin = await startComfyui()
  const pool = await readyPool(EQueueMode.PICK_ZERO, twin.url)
  expect(pool.pick(0).id).toBe('pool-0')
  expect([pool.pickById('pool-0')?.id, pool.pickById('nobody')]).toEqual(['pool-0', undefined])
  const more = new ComfyApi(twin.url, 'pool-more')
  await pool.addClient(more)
  await more.waitForReady()
  expect(pool.clients).toHaveLength(2)
  pool.removeClientByIndex(0)
  expect(pool.clients.map(({ id }) => id)).toEqual(['pool-more'])
})

test('a batch spreads over two servers and every job ends once', async () => {
  await using first = await startComfyui({ timeScale: 0.01 })
  await using second = await startComfyui({ timeScale: 0.01 })
  const pool = await readyPool(EQueueMode.PICK_ROUTINE, first.url, second.url)
  const job = (seed: number) => async (api: ComfyApi) => {
    const workflow = new PromptBuilder(sd15Graph() as never, ['seed'], ['images'])
      .setRawInputNode('seed', '3.inputs.seed')
      .setRawOutputNode('images', '9')
      .input('seed', seed)
    return new CallWrapper(api, workflow).run()
  }
  const results = await pool.batch([job(1), job(2), job(3), job(4)])
  expect(results.every((result) => typeof result === 'object')).toBe(true)
  const finished = [first, second].map(
    ({ journal }) => journal.filter(({ event }) => event === 'job-finished').length,
  )
  expect(finished).toEqual([2, 2])
})
