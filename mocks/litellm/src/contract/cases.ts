/** All cases, in the order they are run. The last ones of each configuration kill the upstream. */
import { answerCases } from './cases/answer-cases.ts'
import { bodyCases } from './cases/body-cases.ts'
import { deathCases } from './cases/death-cases.ts'
import { hangUpCases } from './cases/hang-up-cases.ts'
import { healthCases } from './cases/health-cases.ts'
import { keyCases } from './cases/key-cases.ts'
import { mockCases } from './cases/mock-cases.ts'
import { refusalCases } from './cases/refusal-cases.ts'
import { contextCases, cooldownCases, fallbackCases, retryCases } from './cases/routing-cases.ts'
import { pictureCases, upstreamCases } from './cases/upstream-cases.ts'
import type { ContractCase } from './contract-case.ts'

export const contractCases: readonly ContractCase[] = [
  ...healthCases,
  ...keyCases,
  ...bodyCases,
  ...refusalCases,
  ...answerCases,
  ...mockCases,
  ...retryCases,
  ...cooldownCases,
  ...fallbackCases,
  ...contextCases,
  ...upstreamCases,
  ...pictureCases,
  ...hangUpCases,
  ...deathCases,
]
