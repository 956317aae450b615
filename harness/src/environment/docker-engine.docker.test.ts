/** The docker engine keeps the engine contract, and what only containers have: one network, files, memory limits. */
import { beforeAll, describe, expect, test } from 'vitest'
import { nowMs } from '../support/clock.ts'
import { pollUntil } from '../support/poll.ts'
import { contractImages } from './contract-images.ts'
import { serverEnvironment, serverSource } from './contract-server.ts'
import { answering, budgetMs, newRunId, outside, text } from './contract-watch.ts'
import { dockerObjects } from './docker-client.ts'
import { type DockerEngine, openDockerEngine } from './docker-engine.ts'
import type { ContainerProgram, Placement, Unit } from './engine.ts'
import { engineContract } from './engine-contract.ts'
import type { EngineError } from './engine-error.ts'
import { type FoundDocker, findDocker } from './find-docker.ts'
import { labels } from './labels.ts'
import { findLeftovers, type Leftover } from './leftovers.ts'

type Prepared = { readonly found: FoundDocker; readonly reaper: string; readonly node: string }

describe('the docker engine', () => {
  let prepared: Prepared

  beforeAll(async () => {
    const found = await findDocker()
    prepared = { found, ...(await contractImages(found.docker)) }
  })

  const open = (runId = newRunId(), onReaperLost?: (error: EngineError) => void): Promise<DockerEngine> =>
    openDockerEngine({
      runId,
      docker: prepared.found,
      reaperImage: prepared.reaper,
      ...(onReaperLost && { onReaperLost }),
    })
  const program = (source: string): ContainerProgram => ({
    kind: 'container',
    image: prepared.node,
    command: ['node', '-e', source],
  })
  /** By label as the engine does it, and by name, so that a forgotten label shows. */
  const leftovers = async (runId: string): Promise<Leftover[]> => {
    const { docker } = prepared.found
    const [labelled, containers, networks] = await Promise.all([
      findLeftovers({ runId, objects: dockerObjects(docker) }),
      docker.listContainers({ all: true, filters: { name: [runId] } }),
      docker.listNetworks({ filters: { name: [runId] } }),
    ])
    const unlabelled = [
      ...containers.map(
        ({ Id, Names }): Leftover => ({ runId, kind: 'container', id: Id, name: Names.join() }),
      ),
      ...networks.map(({ Id, Name }): Leftover => ({ runId, kind: 'network', id: Id, name: Name })),
    ].filter(({ id }) => !labelled.some((leftover) => leftover.id === id))
    return [...labelled, ...unlabelled]
  }
  const server = async (
    engine: DockerEngine,
    name: string,
    more: Partial<ContainerProgram> = {},
  ): Promise<{ placement: Placement; unit: Unit; url: string }> => {
    const placement = await engine.place(name, { http: 8188 })
    const env = serverEnvironment(placement)
    const unit = await engine.start({ placement, env, program: { ...program(serverSource), ...more } })
    await answering(outside(placement))
    return { placement, unit, url: outside(placement) }
  }

  engineContract({
    open,
    program,
    impossible: { kind: 'container', image: 'squall-no-such-image:1' },
    abandonedArguments: () => ['docker', prepared.reaper, prepared.node],
    leftovers,
  })

  test('a unit has one network interface, on the network of its run', async () => {
    await using engine = await open()
    const { url } = await server(engine, 'single')
    expect(await text(`${url}/interfaces`)).toMatch(/^eth\d$/)
    const [container] = await engine.docker.listContainers({ filters: { label: [`${labels.unit}=single`] } })
    expect(Object.keys(container?.NetworkSettings.Networks ?? {})).toEqual([engine.network])
  })

  test('runs do not see each other', async () => {
    await using one = await open()
    await using other = await open()
    const { url } = await server(one, 'here')
    await server(other, 'there')
    const target = encodeURIComponent('http://there:8188/')
    await expect(text(`${url}/fetch?url=${target}`)).rejects.toThrow('HTTP 500')
  })

  test('files are there before the program starts', async () => {
    await using engine = await open()
    const files = { '/etc/service/config.yaml': 'greeting: grüezi\n' }
    const { url } = await server(engine, 'configured', { files })
    expect(await text(`${url}/read?path=/etc/service/config.yaml`)).toBe(files['/etc/service/config.yaml'])
  })

  test('a program that uses more memory than it may have is ended, and that is told', async () => {
    await using engine = await open()
    const placement = await engine.place('greedy', {})
    const greedy = program('const held = []; for (;;) held.push(Buffer.alloc(1 << 20, 1))')
    const unit = await engine.start({
      placement,
      env: {},
      program: { ...greedy, memoryBytesMax: 64 * 2 ** 20 },
    })
    await pollUntil({
      what: 'greedy is ended',
      everyMs: 50,
      budgetMs,
      probe: async () => {
        const state = await unit.inspect()
        return state.status === 'exited'
          ? { done: true, value: undefined }
          : { done: false, saw: state.status }
      },
    })
    expect(await unit.inspect()).toEqual({ status: 'exited', exitCode: 137, oomKilled: true })
  })

  test('a command that the image does not have says what to do', async () => {
    await using engine = await open()
    const placement = await engine.place('typo', {})
    const starting = engine.start({
      placement,
      env: {},
      program: { ...program(''), command: ['no-such-program'] },
    })
    await expect(starting).rejects.toMatchObject({
      code: 'unit-failed',
      message: expect.stringMatching(/^Cannot start typo: .*no-such-program.*; check its image and command$/),
    })
    expect((await leftovers(engine.runId)).filter(({ name }) => name.includes('typo'))).toEqual([])
  })

  test('a run id that is in use is a conflict, and the first run goes on', async () => {
    await using engine = await open()
    const { url } = await server(engine, 'first')
    await expect(open(engine.runId)).rejects.toMatchObject({ code: 'name-conflict' })
    expect(await text(url)).toBe('up')
  })

  test('a lease keeps a run that its harness has left, and its end removes it', async () => {
    const engine = await open()
    const { url } = await server(engine, 'kept')
    const leftAt = nowMs()
    engine.detach({ leaseMs: 3000 })
    expect(await text(url)).toBe('up')
    await pollUntil({
      what: 'the run is removed',
      everyMs: 50,
      budgetMs,
      probe: async () => {
        const left = await leftovers(engine.runId)
        return left.length === 0
          ? { done: true, value: undefined }
          : { done: false, saw: `${left.length} left` }
      },
    })
    expect(nowMs() - leftAt).toBeGreaterThan(2900)
  })

  test('the loss of the reaper is told', async () => {
    const lost: EngineError[] = []
    await using engine = await open(newRunId(), (error) => void lost.push(error))
    await engine.docker.getContainer(`squall-${engine.runId}-reaper`).kill()
    await pollUntil({
      what: 'the loss is told',
      everyMs: 10,
      budgetMs,
      probe: () => (lost.length > 0 ? { done: true, value: undefined } : { done: false, saw: 'nothing' }),
    })
    expect(lost[0]?.code).toBe('reaper-lost')
  })
})
