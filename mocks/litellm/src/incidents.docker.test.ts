/** The incidents that begin at the upstream, behind the real LiteLLM. */
import { afterAll, beforeAll, describe } from 'vitest'
import type { Gateway } from './contract/gateway.ts'
import { incidentTests, routingIncidentTests } from './contract/incidents.ts'
import { openRealGateway } from './contract/real-gateway.ts'

describe.each(['compose', 'routing'] as const)('upstreams behind the real LiteLLM, %s', (config) => {
  let opened: Gateway | undefined
  beforeAll(async () => {
    opened = await openRealGateway(config)
  })
  afterAll(async () => await opened?.[Symbol.asyncDispose]())
  const gateway = (): Gateway => {
    if (opened === undefined) throw new Error('the gateway did not start')
    return opened
  }
  if (config === 'compose') incidentTests(gateway)
  else routingIncidentTests(gateway)
})
