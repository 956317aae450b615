import { expect, test } from 'vitest'
import { contractImages } from './contract-images.ts'
import { serverEnvironment, serverSource } from './contract-server.ts'
import { answering, newRunId, outside, text } from './contract-watch.ts'
import { openDockerEngine } from './docker-engine.ts'
import { findDocker } from './find-docker.ts'
import { ryukLabel } from './labels.ts'

test('a data folder of a fixed size: full is full, it outlives a kill, and nothing of it is left', async () => {
  const docker = await findDocker()
  const { reaper, node } = await contractImages(docker.docker)
  const engine = await openDockerEngine({ runId: newRunId(), docker, reaperImage: reaper })
  const placement = await engine.place('sized', { http: 8188 })
  const unit = await engine.start({
    placement,
    env: serverEnvironment(placement),
    program: {
      kind: 'container',
      image: node,
      command: ['node', '-e', serverSource],
      dataBytesMax: 2 ** 20,
    },
  })
  const url = outside(placement)
  await answering(url)
  await text(`${url}/write?text=kept`)
  await unit.kill('SIGKILL')
  // The keeper reaches the disk also when the unit does not run.
  await unit.dataDisk?.fill()
  expect(await unit.dataDisk?.freeBytes()).toBe(0)
  await unit.restart()
  await answering(url)
  expect(await text(`${url}/read`)).toBe('kept')
  await unit.dataDisk?.clear()
  expect(await unit.dataDisk?.freeBytes()).toBeGreaterThan(900_000)
  // The keeper is of the reaper's image; with the reaper's label the reaper would spare it.
  const keeper = docker.docker.getContainer(`squall-${engine.runId}-sized-keeper`)
  expect((await keeper.inspect()).Config.Labels[ryukLabel]).toBe('false')
  await engine[Symbol.asyncDispose]()
  const { Volumes: volumes } = await docker.docker.listVolumes({ filters: { name: [engine.runId] } })
  expect(volumes).toEqual([])
  const filters = { name: [engine.runId] }
  expect(await docker.docker.listContainers({ all: true, filters })).toEqual([])
})
