/** Services that cannot reach each other, or not by name: measured from this machine and from inside them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contractImages } from '../environment/contract-images.ts'
import { answering, newRunId, text } from '../environment/contract-watch.ts'
import { type DockerEngine, openDockerEngine } from '../environment/docker-engine.ts'
import { findDocker } from '../environment/find-docker.ts'
import { containerName, sideUnitName } from '../environment/labels.ts'
import { dnsFaultSchema } from '../spec/dns-fault.ts'
import { partitionFaultSchema } from '../spec/partition-fault.ts'
import { nowMs } from '../support/clock.ts'
import { pollUntil } from '../support/poll.ts'
import type { ActiveFault } from './fault.ts'
import { type FaultHost, fresh, inject, type Lab, openLab } from './fault-contract.ts'

/** Silence is what lasts longer than this; the first repetition of TCP comes after 1 s. */
const patienceMs = 800

describe('partition and dns', () => {
  let engine: DockerEngine
  let image = ''
  let target: Lab
  let upstream: Lab
  let comfyui: Lab
  beforeAll(async () => {
    const docker = await findDocker()
    const { reaper, node, agent } = await contractImages(docker.docker)
    image = node
    await agent()
    engine = await openDockerEngine({ runId: newRunId(), docker, reaperImage: reaper, agentImage: agent })
    const names = ['litellm', 'upstream', 'comfyui']
    ;[target, upstream, comfyui] = (await Promise.all(names.map((name) => openLab(host, {}, name)))) as [
      Lab,
      Lab,
      Lab,
    ]
  }, 60_000)
  afterAll(() => engine[Symbol.asyncDispose]())
  const host: FaultHost = {
    engine: () => engine,
    program: (source) => ({ kind: 'container', image, command: ['node', '-e', source] }),
    offers: () => true,
  }
  const cut = (fields: object): Promise<ActiveFault> =>
    inject(partitionFaultSchema.parse({ kind: 'partition', ...fields }), target)
  const fail = (fields: object): Promise<ActiveFault> =>
    inject(dnsFaultSchema.parse({ kind: 'dns', ...fields }), target)

  /** What a program in one unit sees of another: "up", a failure, or "silence". A new connection each time. */
  async function sees(from: Lab, name: string, msMax = patienceMs): Promise<string> {
    const asked = encodeURIComponent(`http://${name}:8188/`)
    try {
      const answer = await fetch(`${from.url}/fetch?url=${asked}`, { signal: AbortSignal.timeout(msMax) })
      return await answer.text()
    } catch {
      return 'silence'
    }
  }
  const bothWays = (msMax = patienceMs): Promise<string[]> =>
    Promise.all([sees(target, 'upstream', msMax), sees(upstream, 'litellm', msMax)])
  const refused = expect.stringMatching(/fetch failed/)
  async function tookMs(work: Promise<unknown>): Promise<number> {
    const beganAt = nowMs()
    await work
    return nowMs() - beganAt
  }
  const openAgain = (): Promise<undefined> =>
    pollUntil({
      ...{ what: 'both ways are open', everyMs: 50, budgetMs: 5000 },
      probe: async () => {
        const saw = (await bothWays()).join()
        return saw === 'up,up' ? { done: true, value: undefined } : { done: false, saw }
      },
    })

  test.each([
    ['drop', 'both', 'silence', 'silence'],
    ['drop', 'out', 'silence', 'up'],
    ['reject', 'out', refused, 'up'],
    ['reject', 'in', 'up', refused],
    ['reject', 'both', refused, refused],
  ] as const)('%s %s between two: the others and this machine go on', async (how, direction, there, back) => {
    await openAgain()
    const active = await cut({ from: ['upstream'], how, direction })
    expect(await bothWays()).toEqual([there, back])
    expect(await sees(target, 'comfyui')).toBe('up')
    expect(await fresh(target.url)).toBe(200)
    await active.heal()
    await active.heal()
    await openAgain()
    const { bit, rung, evidence } = active.receipt()
    expect({ bit, rung }).toEqual({ bit: true, rung: 'nftables' })
    expect(evidence).toMatch(
      new RegExp(`^${how} ${direction} [\\d.]+: \\d+ packets in and \\d+ out refused in \\d+ ms$`),
    )
  })

  test('everybody: this machine too, and names are still known', async () => {
    const active = await cut({ from: 'everybody', how: 'reject' })
    await expect(fresh(target.url)).rejects.toThrow(/socket hang up|ECONNRE/)
    expect(await sees(upstream, 'litellm')).toEqual(refused)
    expect(await sees(upstream, 'comfyui')).toBe('up')
    await active.heal()
    expect(await answering(target.url)).toBe('up')
    expect(active.receipt().bit).toBe(true)
  })

  test('it flaps: refused and open again, several times', async () => {
    const active = await cut({ from: ['upstream'], how: 'reject', flap: { periodMs: 500, dutyPercent: 50 } })
    let changes = 0
    let last = ''
    await pollUntil({
      ...{ what: 'four changes', everyMs: 10, budgetMs: 10_000 },
      probe: async () => {
        const now = await sees(target, 'upstream')
        if (now !== last) changes += 1
        last = now
        return changes >= 5 ? { done: true, value: undefined } : { done: false, saw: now }
      },
    })
    await active.heal()
    expect(active.receipt().evidence).toMatch(/, in [2-9]\d* cuts$/)
    await openAgain()
  })

  test('nobody comes by: it has not bitten', async () => {
    const active = await cut({ from: ['comfyui'], how: 'drop' })
    expect(await sees(target, 'upstream')).toBe('up')
    await active.heal()
    expect(active.receipt()).toMatchObject({
      bit: false,
      evidence: expect.stringContaining('0 packets in and 0 out'),
    })
  })

  test('a target that is killed and started again is cut off again', async () => {
    const active = await cut({ from: ['upstream'], how: 'reject' })
    await target.unit.kill('SIGKILL')
    await target.unit.restart()
    await answering(target.url)
    await pollUntil({
      ...{ what: 'it is cut off', everyMs: 50, budgetMs: 5000 },
      probe: async () => {
        const saw = await sees(target, 'upstream')
        return saw === 'up' ? { done: false, saw } : { done: true, value: undefined }
      },
    })
    await active.heal()
    await openAgain()
    expect(active.receipt()).toMatchObject({
      bit: true,
      evidence: expect.stringContaining('; then reject both'),
    })
  })

  test('an agent that is killed -9 heals, and the heal says that the plan was not kept', async () => {
    const active = await cut({ from: 'everybody', how: 'drop' })
    const name = containerName(engine.runId, sideUnitName('litellm', 'partition'))
    await engine.docker.getContainer(name).kill({ signal: 'SIGKILL' })
    await active.over
    expect(await fresh(target.url)).toBe(200)
    await expect(active.heal()).rejects.toThrow('the agent beside it ended')
    expect(active.receipt().bit).toBe(false)
  })

  const address = expect.stringMatching(/^[\d.]+$/)
  const looksUp = (from: Lab, name: string): Promise<string> => text(`${from.url}/lookup?name=${name}`)

  test.each([
    ['nxdomain', 'ENOTFOUND'],
    ['servfail', 'EAI_AGAIN'],
  ] as const)(
    'dns %s: %s for one name while another is known, and others know both',
    async (failure, code) => {
      const active = await fail({ names: ['upstream'], failure })
      expect(await looksUp(target, 'upstream')).toBe(code)
      expect(await looksUp(target, 'comfyui')).toEqual(address)
      expect(await looksUp(comfyui, 'upstream')).toEqual(address)
      await active.heal()
      expect(await looksUp(target, 'upstream')).toEqual(address)
      expect(active.receipt()).toMatchObject({
        bit: true,
        evidence: expect.stringMatching(
          /^\w+ for upstream: [1-9]\d* questions failed, 0 unanswered, 0 late, [1-9]/,
        ),
      })
    },
  )

  test('slow dns: the answer comes, and so much later', async () => {
    const active = await fail({ names: ['upstream'], failure: { slowMs: 500 } })
    expect(await tookMs(looksUp(target, 'upstream'))).toBeGreaterThanOrEqual(500)
    expect(await looksUp(target, 'upstream')).toEqual(address)
    expect(await tookMs(looksUp(target, 'comfyui'))).toBeLessThan(500)
    await active.heal()
    expect(active.receipt()).toMatchObject({ bit: true, evidence: expect.stringMatching(/[1-9]\d* late/) })
  })

  test('names that nobody asked for have not bitten', async () => {
    const active = await fail({ names: ['wan2gp'], failure: 'nxdomain' })
    expect(await looksUp(target, 'comfyui')).toEqual(address)
    await active.heal()
    expect(active.receipt().bit).toBe(false)
  })

  test('a partition and failing names of one target do not stand in each other’s way', async () => {
    const names = await fail({ names: ['comfyui'], failure: 'nxdomain' })
    const active = await cut({ from: ['upstream'], how: 'reject' })
    expect(await sees(target, 'upstream')).toEqual(refused)
    expect(await looksUp(target, 'comfyui')).toBe('ENOTFOUND')
    await active.heal()
    expect(await looksUp(target, 'comfyui')).toBe('ENOTFOUND')
    await names.heal()
    await openAgain()
  })
})
