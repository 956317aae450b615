/** The reaper image as others use it: as testcontainers' Ryuk, and by hand over its port; and healing of containers. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { nowMs } from '../support/clock.ts'
import { pollUntil } from '../support/poll.ts'
import { contractImages } from './contract-images.ts'
import { budgetMs, firstLine, newRunId } from './contract-watch.ts'
import { dockerObjects } from './docker-client.ts'
import { type FoundDocker, findDocker } from './find-docker.ts'
import { heal, listRuns } from './heal.ts'
import { labels } from './labels.ts'
import { findLeftovers } from './leftovers.ts'
import { ownOwner } from './owner.ts'

describe('the reaper image', () => {
  let found: FoundDocker
  let images: { reaper: string; node: string }

  beforeAll(async () => {
    found = await findDocker()
    images = await contractImages(found.docker)
  })

  const exists = async (kind: 'Container' | 'Network', id: string): Promise<boolean> => {
    const thing = kind === 'Container' ? found.docker.getContainer(id) : found.docker.getNetwork(id)
    return await thing.inspect().then(
      () => true,
      () => false,
    )
  }

  test('testcontainers takes it for its own, and nothing is left after SIGKILL of its user', async () => {
    const program = fileURLToPath(new URL('testcontainers-user.ts', import.meta.url))
    const environment = { ...process.env, RYUK_CONTAINER_IMAGE: images.reaper }
    const user = spawn(process.execPath, [program, images.node], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const { container, network } = JSON.parse(await firstLine(user)) as { container: string; network: string }
    expect(await exists('Container', container)).toBe(true)
    user.kill('SIGKILL')
    await pollUntil({
      what: 'container and network of testcontainers are gone',
      everyMs: 100,
      budgetMs,
      probe: async () => {
        const left = [await exists('Container', container), await exists('Network', network)]
        return left.includes(true)
          ? { done: false, saw: `container, network: ${left.join()}` }
          : { done: true, value: undefined }
      },
    })
  })

  test('heal removes what a dead run left in the engine, and nothing else', async () => {
    const objects = dockerObjects(found.docker)
    const runId = newRunId()
    const dead = ownOwner().replace(/:\d+$/, ':1')
    const name = `squall-${runId}`
    const mark = { [labels.run]: runId, [labels.owner]: dead }
    const foreign = await found.docker.createNetwork({ Name: `squall-dev-foreign-${runId}` })
    try {
      await found.docker.createNetwork({ Name: name, Labels: mark })
      await found.docker.createVolume({ Name: name, Labels: mark })
      const command = ['node', '-e', 'setInterval(() => {}, 1000)']
      const container = await found.docker.createContainer({
        name,
        Image: images.node,
        Cmd: command,
        Labels: mark,
        HostConfig: { NetworkMode: name, Binds: [`${name}:/kept`] },
      })
      await container.start()
      await container.pause()
      expect((await listRuns({ objects })).find((run) => run.runId === runId)).toMatchObject({ dead: true })
      const removal = (await heal({ objects })).healed.find((run) => run.runId === runId)
      expect(removal?.left).toEqual([])
      expect(removal?.removed.map(({ kind }) => kind).toSorted()).toEqual(['container', 'network', 'volume'])
      expect(await findLeftovers({ objects, runId })).toEqual([])
      expect(await exists('Network', foreign.id)).toBe(true)
    } finally {
      await foreign.remove()
    }
  })

  test('an engine that cannot be reached is told with what was tried', async () => {
    const source = `
      const { findDocker } = await import(${JSON.stringify(new URL('find-docker.ts', import.meta.url).href)})
      await findDocker().catch((error) => console.log(error.code, error.message))`
    const startedAt = nowMs()
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      env: { ...process.env, DOCKER_HOST: 'tcp://127.0.0.1:1' },
    })
    expect(await firstLine(child)).toMatch(
      /^engine-unreachable Cannot reach a container engine: tcp:.*ECONNREFUSED.*; start/,
    )
    expect(nowMs() - startedAt).toBeLessThan(budgetMs)
  })
})
