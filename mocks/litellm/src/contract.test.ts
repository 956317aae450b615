/** The gateway contract against the twin, both programs started as a user starts them. */
import { expect, test } from 'vitest'
import { contractTests } from './contract/contract-tests.ts'
import { reasonFor, reasons } from './contract/known-differences.ts'
import { openTwinGateway } from './contract/twin-gateway.ts'

const needed = contractTests('gateway twin', openTwinGateway, reasonFor)

test('every known difference is still there', () => {
  expect([...needed].toSorted()).toEqual(reasons.toSorted())
})
