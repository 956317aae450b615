/** The run meant something: every fault of the plan was injected and has a receipt that says it bit. */
import { type FaultRecord, faultsOf } from '../history/query.ts'
import { type FaultStep, faultName } from '../spec/fault-plan.ts'
import type { Check } from './check.ts'

export const faultWasFelt: Check = (experiment, history) => {
  const faults = faultsOf(history)
  const details = experiment.faults.flatMap((step, index) =>
    feltBy(
      step,
      faults.filter((fault) => fault.step === index),
    ),
  )
  const unfelt = details.filter((detail) => !detail.felt)
  if (details.length === 0) return { outcome: 'unknown', reason: 'the plan has no fault' }
  if (unfelt.length > 0) {
    return {
      outcome: 'unknown',
      reason: unfelt.map((detail) => detail.text).join('; '),
      details: details.map((d) => d.text),
    }
  }
  return { outcome: 'pass', reason: details.map((detail) => detail.text).join('; ') }
}

type Felt = { readonly felt: boolean; readonly text: string }

/** One entry for each target and round that the step took up; each must have bitten. */
function feltBy({ fault, on }: FaultStep, records: readonly FaultRecord[]): Felt[] {
  const name = faultName(fault, String(on))
  if (fault.kind === 'noop') return [{ felt: true, text: `${name}: nothing to feel` }]
  if (records.length === 0) return [{ felt: false, text: `${name}: its moment never came` }]
  return records.map((record) =>
    record.activeAt === undefined
      ? { felt: false, text: `${record.name}: ${record.error ?? 'its moment never came'}` }
      : {
          felt: record.receipt?.bit === true,
          text: `${record.name}: ${record.receipt?.evidence ?? 'no receipt'}`,
        },
  )
}
