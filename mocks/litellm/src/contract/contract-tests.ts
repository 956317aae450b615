/** The contract as tests: one per case. One gateway serves all cases of a configuration; the last kill its upstream. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contractCases } from './cases.ts'
import { type ConfigName, configFiles, type Gateway, type OpenGateway } from './gateway.ts'
import { type ReasonFor, readGolden, runCase } from './run-contract.ts'
import { openSession } from './session.ts'

const golden = readGolden()

/** Returns the reasons that were needed, to be looked at once all cases are over. */
export function contractTests(
  name: string,
  open: OpenGateway,
  reasonFor: ReasonFor = () => undefined,
): ReadonlySet<string> {
  const needed = new Set<string>()
  describe.each(Object.keys(configFiles) as ConfigName[])(`contract of ${name}, %s`, (config) => {
    let opened: Gateway | undefined
    beforeAll(async () => {
      opened = await open(config)
    })
    afterAll(async () => await opened?.[Symbol.asyncDispose]())
    const cases = contractCases.filter((one) => one.config === config)
    test.for(cases.map((one) => [one.name, one] as const))('%s', async ([, one]) => {
      if (opened === undefined) throw new Error('the gateway did not start')
      const { differences } = await runCase(one, openSession(opened), { golden, reasonFor })
      for (const { reason } of differences) if (reason !== undefined) needed.add(reason)
      expect(differences.filter(({ reason }) => reason === undefined)).toEqual([])
    })
  })
  return needed
}
