/** Every fault that the process engine offers, measured from outside. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asProcess } from '../environment/contract-server.ts'
import { newRunId, text } from '../environment/contract-watch.ts'
import type { Engine } from '../environment/engine.ts'
import { openProcessEngine } from '../environment/process-engine.ts'
import { nowMs } from '../support/clock.ts'
import { faultCatalog } from './catalog.ts'
import { type FaultHost, processFaultContract, resourceFaultContract } from './fault-contract.ts'
import { linkFaultContract, openLinkedLab } from './link-contract.ts'

const place = {
  engine: 'process',
  platform: process.platform,
  prlimit: process.platform === 'linux',
} as const

describe('faults on the process engine', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openProcessEngine({ runId: newRunId() })
  })
  afterAll(() => engine[Symbol.asyncDispose]())
  const host: FaultHost = {
    engine: () => engine,
    program: asProcess,
    offers: (kind) => faultCatalog[kind].available(place).available,
  }
  processFaultContract(host)
  resourceFaultContract(host)
  linkFaultContract(host)

  test('network: the link stands in for delays, and says so', async () => {
    await using lab = await openLinkedLab(host)
    const active = await lab.inject({
      kind: 'network',
      impair: 'delay 200ms 20ms direction out',
      onRestart: 'reapply',
    })
    const beganAt = nowMs()
    expect(await text(lab.url)).toBe('up')
    expect(nowMs() - beganAt).toBeGreaterThanOrEqual(179)
    await active.heal()
    const { bit, rung, evidence } = active.receipt()
    expect([bit, rung]).toEqual([true, 'link'])
    expect(evidence).toMatch(/^delay 200ms 20ms down seed \d+: 1 connections struck, \d+ writes delayed/)
  })

  test.each([
    ['loss 50%', 'cannot lose packets ("loss 50%"); use the docker engine, or a link fault such as reset'],
    ['delay 5ms reorder 25%', 'cannot reorder packets'],
    ['delay 5ms peer upstream', 'cannot tell peers apart'],
  ])('network: %s is beyond a proxy', (impair, reason) => {
    const spec = { kind: 'network', impair, onRestart: 'reapply' } as const
    expect(faultCatalog.network.refuses?.(spec, place)).toContain(reason)
    expect(faultCatalog.network.refuses?.(spec, { ...place, engine: 'docker' })).toBeUndefined()
  })
})
