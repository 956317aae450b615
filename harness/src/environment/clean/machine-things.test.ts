/** What is found on this machine of a living run, and what is gone with it. */
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { asProcess } from '../contract-server.ts'
import { newRunId } from '../contract-watch.ts'
import { openProcessEngine } from '../process-engine.ts'
import { compareSnapshots } from './compare.ts'
import { listenersOn } from './machine-things.ts'
import { takeSnapshot } from './take-snapshot.ts'

test('a run shows with its folder, its process and its port, and is gone without a trace', async () => {
  const runId = newRunId()
  const before = await takeSnapshot(undefined)
  const engine = await openProcessEngine({ runId })
  const placement = await engine.place('unit', { http: 1 })
  await engine.start({ placement, env: {}, program: asProcess('setInterval(() => {}, 1000)') })
  const during = compareSnapshots(before, await takeSnapshot(undefined), runId)
  expect(during.clean).toBe(false)
  expect(during.left.map((text) => text.split(' ')[0] ?? '').toSorted()).toEqual([
    'folder',
    'process',
    'reservation',
  ])
  await engine[Symbol.asyncDispose]()
  expect(compareSnapshots(before, await takeSnapshot(undefined), runId)).toMatchObject({
    clean: true,
    left: [],
  })
})

test('a port on which somebody listens is named', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  expect(await listenersOn([port], 'mine')).toMatchObject([{ area: 'listener', run: 'mine' }])
  await new Promise((resolve) => server.close(resolve))
  expect(await listenersOn([port], 'mine')).toEqual([])
})
