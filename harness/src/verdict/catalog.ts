/** Every check by its name. A name in the spec without a function here does not compile. */
import type { CheckName } from '../spec/experiment.ts'
import type { Check } from './check.ts'
import { faultWasFelt } from './fault-was-felt.ts'
import { makesProgress } from './makes-progress.ts'
import { noLostJobs } from './no-lost-jobs.ts'
import { outputsIntact } from './outputs-intact.ts'
import { recoversWithin } from './recovers-within.ts'

export const checkCatalog: { readonly [Name in CheckName]: Check } = {
  'no-lost-jobs': noLostJobs,
  'outputs-intact': outputsIntact,
  'makes-progress': makesProgress,
  'recovers-within': recoversWithin,
  'fault-was-felt': faultWasFelt,
}
