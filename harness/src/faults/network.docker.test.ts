/** Packets of a container, impaired by netem beside it and measured from this machine, over its published port. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contractImages } from '../environment/contract-images.ts'
import { answering, budgetMs, newRunId, text } from '../environment/contract-watch.ts'
import { type DockerEngine, openDockerEngine } from '../environment/docker-engine.ts'
import { findDocker } from '../environment/find-docker.ts'
import { containerName, sideUnitName } from '../environment/labels.ts'
import { networkFaultSchema } from '../spec/network-fault.ts'
import { nowMs } from '../support/clock.ts'
import { pollUntil } from '../support/poll.ts'
import type { ActiveFault } from './fault.ts'
import { type FaultHost, fresh, inject, type Lab, openLab } from './fault-contract.ts'
import { network } from './network.ts'

describe('network', () => {
  let engine: DockerEngine
  let image = ''
  beforeAll(async () => {
    const docker = await findDocker()
    const { reaper, node, agent } = await contractImages(docker.docker)
    image = node
    await agent()
    engine = await openDockerEngine({ runId: newRunId(), docker, reaperImage: reaper, agentImage: agent })
  }, 60_000)
  afterAll(() => engine[Symbol.asyncDispose]())
  const host: FaultHost = {
    engine: () => engine,
    program: (source) => ({ kind: 'container', image, command: ['node', '-e', source] }),
    offers: () => true,
  }

  const impair = (lab: Lab, words: string, onRestart: 'reapply' | 'end' = 'reapply'): Promise<ActiveFault> =>
    inject(networkFaultSchema.parse({ kind: 'network', impair: words, onRestart }), lab)

  /** One request on a connection of its own: two round trips. */
  async function requestMs({ url }: Lab): Promise<number> {
    const beganAt = nowMs()
    await fresh(url, budgetMs)
    return nowMs() - beganAt
  }
  /** Of several, since one may have to wait for this machine. */
  async function fastestMs(lab: Lab): Promise<number> {
    const all: number[] = []
    while (all.length < 5) all.push(await requestMs(lab))
    return Math.min(...all)
  }
  function until(what: string, holds: () => Promise<boolean>): Promise<undefined> {
    const probe = async () => ((await holds()) ? { done: true as const, value: undefined } : notYet)
    return pollUntil({ what, everyMs: 20, budgetMs, probe })
  }
  const notYet = { done: false as const, saw: 'not yet' }

  test('delay: a client on this machine waits for it, until the heal; the packets are counted', async () => {
    await using lab = await openLab(host)
    const active = await impair(lab, 'delay 150ms')
    expect(active.receipt().evidence).toMatch(/^delay 150ms seed \d+ on eth0: in force$/)
    // In and out, for the handshake and for the answer.
    expect(await requestMs(lab)).toBeGreaterThan(600)
    await active.heal()
    await active.heal()
    expect(await fastestMs(lab)).toBeLessThan(150)
    const { bit, rung, evidence, packets } = active.receipt()
    expect({ bit, rung }).toEqual({ bit: true, rung: packets?.[0]?.rung })
    expect(evidence).toMatch(/^delay 150ms seed \d+ on eth0: \d+ packets seen/)
    expect(packets?.[0]?.after.seen).toBeGreaterThan(4)
  })

  test('packets that are held at the heal are handed on', async () => {
    await using lab = await openLab(host)
    const active = await impair(lab, 'delay 10s direction out')
    const beganAt = nowMs()
    const answer = fresh(lab.url, budgetMs)
    // The answer to the first packet of the handshake is held now.
    await until('it is there', async () => nowMs() - beganAt > 200)
    await active.heal()
    expect(await answer).toBe(200)
    const { after } = active.receipt().packets?.[0] ?? {}
    expect(after).toMatchObject({ lost: 0, held: 0 })
    expect(after?.delivered).toBe(after?.seen)
  })

  test('what strikes no packet has not bitten', async () => {
    await using lab = await openLab(host)
    const active = await impair(lab, 'delay 150ms port 9')
    expect(await fastestMs(lab)).toBeLessThan(150)
    await active.heal()
    expect(active.receipt()).toMatchObject({
      bit: false,
      evidence: expect.stringContaining('0 packets seen'),
    })
  })

  test('a peer by its name: only what goes to it and comes from it is delayed', async () => {
    await using lab = await openLab(host)
    await using upstream = await openLab(host, {}, 'upstream')
    const fetched = `${lab.url}/fetch?url=${encodeURIComponent('http://upstream:8188/')}`
    const active = await impair(lab, 'delay 150ms peer upstream')
    expect(await fastestMs(lab)).toBeLessThan(150)
    expect(await fastestMs(upstream)).toBeLessThan(150)
    const beganAt = nowMs()
    expect(await text(fetched)).toBe('up')
    expect(nowMs() - beganAt).toBeGreaterThan(600)
    await active.heal()
    expect(active.receipt()).toMatchObject({
      bit: true,
      evidence: expect.stringMatching(/ peer \d+\.\d+\.\d+\.\d+ on eth0: .* passed untouched/),
    })
  })

  test('the same seed has the same receipt, a preset is all of its impairments', async () => {
    await using lab = await openLab(host)
    const texts: unknown[] = []
    for (const _ of ['once', 'again']) {
      const active = await inject({ kind: 'network', impair: { preset: 'dsl' }, onRestart: 'reapply' }, lab, {
        packetSeed: 7,
      })
      await active.heal()
      texts.push(active.receipt().packets?.[0]?.impairments)
    }
    expect(texts[0]).toHaveLength(2)
    expect(texts[0]).toEqual(texts[1])
  })

  test('refused by the agent: nothing is in force and nothing is left', async () => {
    await using lab = await openLab(host)
    const first = await impair(lab, 'delay 1ms')
    await expect(impair(lab, 'delay 1ms')).rejects.toThrow(/already|exists/)
    await first.heal()
    expect(await isThere(lab)).toBe(false)
  })

  /** Of the container beside the unit, if there is one. */
  function sideId({ unit }: Lab): Promise<string | undefined> {
    const name = containerName(engine.runId, sideUnitName(unit.name))
    return engine.docker
      .getContainer(name)
      .inspect()
      .then(
        ({ Id: id }) => id,
        () => undefined,
      )
  }
  const isThere = async (lab: Lab): Promise<boolean> => (await sideId(lab)) !== undefined

  describe('prepared', () => {
    test('its agent is there before its moment, harms nothing, and is the one that is used', async () => {
      await using lab = await openLab(host)
      await network.prepare?.(lab)
      const ahead = await sideId(lab)
      expect(ahead).toBeDefined()
      expect(await fastestMs(lab)).toBeLessThan(150)
      const active = await impair(lab, 'delay 150ms')
      expect(await sideId(lab)).toBe(ahead)
      expect(await requestMs(lab)).toBeGreaterThan(600)
      await active.heal()
      expect(await isThere(lab)).toBe(false)
    })

    test('a unit that was started since gets another, in the network that it has now', async () => {
      await using lab = await openLab(host)
      await network.prepare?.(lab)
      const ahead = await sideId(lab)
      await lab.unit.kill('SIGKILL')
      await lab.unit.restart()
      await answering(lab.url)
      const active = await impair(lab, 'delay 150ms')
      expect(await sideId(lab)).not.toBe(ahead)
      expect(await requestMs(lab)).toBeGreaterThan(600)
      await active.heal()
    })

    test('never used, it goes with its unit', async () => {
      const lab = await openLab(host)
      await network.prepare?.(lab)
      expect(await isThere(lab)).toBe(true)
      await lab[Symbol.asyncDispose]()
      expect(await isThere(lab)).toBe(false)
    })
  })

  describe('a target that ends', () => {
    test('killed and started again, it is impaired again', async () => {
      await using lab = await openLab(host)
      const active = await impair(lab, 'delay 150ms')
      await requestMs(lab)
      await lab.unit.kill('SIGKILL')
      await lab.unit.restart()
      await answering(lab.url)
      await until('it is slow again', async () => (await requestMs(lab)) > 600)
      await active.heal()
      expect(await fastestMs(lab)).toBeLessThan(150)
      const { bit, packets, evidence } = active.receipt()
      expect({ bit, lives: packets?.length }).toEqual({ bit: true, lives: 2 })
      for (const { before, after } of packets ?? []) expect(after.seen).toBeGreaterThan(before.seen)
      expect(evidence).toContain('; then delay 150ms')
    })

    test('or it is over with its network, if the plan says so', async () => {
      await using lab = await openLab(host)
      const active = await impair(lab, 'delay 150ms', 'end')
      await requestMs(lab)
      await lab.unit.kill('SIGKILL')
      await active.over
      await lab.unit.restart()
      await answering(lab.url)
      expect(await fastestMs(lab)).toBeLessThan(150)
      await active.heal()
      expect(active.receipt()).toMatchObject({ bit: true, packets: [{ device: 'eth0' }] })
      expect(await isThere(lab)).toBe(false)
    })

    test('one that is down when it begins is impaired from its start on', async () => {
      await using lab = await openLab(host)
      await lab.unit.kill('SIGKILL')
      const active = await impair(lab, 'delay 150ms')
      expect(active.receipt()).toMatchObject({ bit: false, evidence: 'the target did not run' })
      await lab.unit.restart()
      await until('it is slow', async () => (await requestMs(lab).catch(() => 0)) > 600)
      await active.heal()
      expect(active.receipt().bit).toBe(true)
    })

    test('one that is frozen is impaired, and healed after it was thawed', async () => {
      await using lab = await openLab(host)
      await lab.unit.pause()
      const active = await impair(lab, 'delay 150ms')
      await lab.unit.unpause()
      expect(await requestMs(lab)).toBeGreaterThan(600)
      await lab.unit.pause()
      await active.heal()
      await lab.unit.unpause()
      expect(await fastestMs(lab)).toBeLessThan(150)
      expect(active.receipt().bit).toBe(true)
    })

    test('one that is gone at the heal is healed', async () => {
      const lab = await openLab(host)
      const active = await impair(lab, 'delay 150ms')
      await requestMs(lab)
      await lab[Symbol.asyncDispose]()
      await active.heal()
      expect(active.receipt().bit).toBe(true)
      expect(await isThere(lab)).toBe(false)
    })
  })

  test('an agent that somebody removes: the network is normal, and the heal says that the plan was not kept', async () => {
    await using lab = await openLab(host)
    const active = await impair(lab, 'delay 150ms')
    await engine.docker
      .getContainer(containerName(engine.runId, sideUnitName(lab.unit.name)))
      .remove({ force: true })
    await active.over
    expect(await fastestMs(lab)).toBeLessThan(150)
    await expect(active.heal()).rejects.toThrow('the agent beside it ended, and nobody here ended it')
    expect(active.receipt()).toMatchObject({ bit: false, evidence: expect.stringContaining('not known') })
  })
})
