/** The container that serves to limit open files goes, also when it was of no use. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contractImages } from './contract-images.ts'
import { newRunId } from './contract-watch.ts'
import { dockerObjects } from './docker-client.ts'
import { dockerOpenFiles } from './docker-open-files.ts'
import { findDocker } from './find-docker.ts'
import { removeRun } from './heal.ts'
import { containerName, labels } from './labels.ts'
import { openFilesSide, sideName } from './reaper/undo/side-programs.ts'

const runId = newRunId()
let docker: Awaited<ReturnType<typeof findDocker>>['docker']
let image = ''
beforeAll(async () => {
  docker = (await findDocker()).docker
  image = await (await contractImages(docker)).agent()
}, 60_000)
afterAll(async () => void (await removeRun(runId, { objects: dockerObjects(docker) })))

test('prepared beside a process that has ended, it does not stay', async () => {
  const runLabels = { [labels.run]: runId }
  const name = containerName(runId, 'ended')
  const ended = await docker.createContainer({ name, Image: image, Labels: runLabels, NetworkDisabled: true })
  const options = { docker, runId, unit: 'ended', container: () => ended, runLabels }
  const openFiles = dockerOpenFiles({ ...options, agentImage: async () => image })
  const side = docker.getContainer(containerName(runId, sideName('ended', openFilesSide)))
  await openFiles.prepare?.()
  await expect(side.inspect()).resolves.toMatchObject({ State: { Running: false } })
  await openFiles[Symbol.asyncDispose]()
  await expect(side.inspect()).rejects.toMatchObject({ statusCode: 404 })
})
