/** Every fault that the process engine offers, measured from outside. */
import { afterAll, beforeAll, describe } from 'vitest'
import { asProcess } from '../environment/contract-server.ts'
import { newRunId } from '../environment/contract-watch.ts'
import type { Engine } from '../environment/engine.ts'
import { openProcessEngine } from '../environment/process-engine.ts'
import { faultCatalog } from './catalog.ts'
import { type FaultHost, processFaultContract, resourceFaultContract } from './fault-contract.ts'

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
})
