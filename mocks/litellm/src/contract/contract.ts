/**
 * The gateway contract: one list of cases for the twin and for the real LiteLLM. A case that only one of them
 * passes is either fixed in the twin or written down in the README as a known difference.
 */
import { afterAll, beforeAll, describe } from 'vitest'
import { answerCases } from './answer-cases.ts'
import type { Gateway } from './gateway.ts'
import { hangUpCases } from './hang-up-cases.ts'
import { healthCases } from './health-cases.ts'
import { keyCases } from './key-cases.ts'
import { mockCases } from './mock-cases.ts'
import { refusalCases } from './refusal-cases.ts'
import { upstreamDeathCases } from './upstream-death-cases.ts'

/** Registers the cases. One gateway serves all of them; the last kill its upstream. */
export function gatewayContract(name: string, open: () => Promise<Gateway>): void {
  describe(`contract of ${name}`, () => {
    let opened: Gateway | undefined
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => await opened?.[Symbol.asyncDispose]())
    const gateway = (): Gateway => {
      if (opened === undefined) throw new Error('the gateway did not start')
      return opened
    }
    healthCases(gateway)
    keyCases(gateway)
    answerCases(gateway)
    mockCases(gateway)
    refusalCases(gateway)
    hangUpCases(gateway)
    upstreamDeathCases(gateway)
  })
}
