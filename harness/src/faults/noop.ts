/** The fault that does nothing: the smallest example of the contract, and the control arm of every experiment. */
import type { Fault } from './fault.ts'

export const noop: Fault<'noop'> = {
  kind: 'noop',
  summary: 'does nothing; a run with it must look like a run without faults',
  available: () => ({ available: true, rung: 'none' }),
  inject: () =>
    Promise.resolve({
      heal: () => Promise.resolve(),
      receipt: () => ({ bit: false, rung: 'none', evidence: 'nothing was done, on purpose' }),
    }),
}
