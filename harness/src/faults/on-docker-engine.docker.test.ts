/** Every fault that the docker engine offers, measured from outside. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contractImages } from '../environment/contract-images.ts'
import { newRunId } from '../environment/contract-watch.ts'
import { openDockerEngine } from '../environment/docker-engine.ts'
import type { Engine } from '../environment/engine.ts'
import { findDocker } from '../environment/find-docker.ts'
import { faultCatalog } from './catalog.ts'
import {
  type FaultHost,
  inject,
  openLab,
  processFaultContract,
  resourceFaultContract,
} from './fault-contract.ts'
import { linkFaultContract } from './link-contract.ts'

const place = { engine: 'docker', platform: process.platform, prlimit: process.platform === 'linux' } as const

describe('faults on the docker engine', () => {
  let engine: Engine
  let image = ''
  beforeAll(async () => {
    const docker = await findDocker()
    const { reaper, node, agent } = await contractImages(docker.docker)
    image = node
    engine = await openDockerEngine({ runId: newRunId(), docker, reaperImage: reaper, agentImage: agent })
  })
  afterAll(() => engine[Symbol.asyncDispose]())
  const host: FaultHost = {
    engine: () => engine,
    program: (source) => ({ kind: 'container', image, command: ['node', '-e', source] }),
    offers: (kind) => faultCatalog[kind].available(place).available,
  }
  processFaultContract(host)
  resourceFaultContract(host)
  linkFaultContract(host)

  test('a signal that the program has no handler for does not reach it, and the receipt says so', async () => {
    // The first process of a container is shielded from such signals by the kernel, as init is.
    await using lab = await openLab(host)
    const active = await inject({ kind: 'kill', signal: 'SIGHUP' }, lab)
    await active.heal()
    expect(active.receipt()).toMatchObject({
      bit: false,
      evidence: expect.stringContaining('survived SIGHUP'),
    })
  })
})
