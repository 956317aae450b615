/** The run meant something: every fault of the plan was injected and has a receipt that says it bit. */
import { faultsOf } from '../history/query.ts'
import { faultName } from '../spec/fault-plan.ts'
import type { Check } from './check.ts'

export const faultWasFelt: Check = (experiment, history) => {
  const faults = faultsOf(history)
  const details = experiment.faults.map((step, index) => {
    const record = faults.find((fault) => fault.step === index)
    const name = faultName(step.fault, step.on)
    if (step.fault.kind === 'noop') return { felt: true, text: `${name}: nothing to feel` }
    if (record?.activeAt === undefined)
      return { felt: false, text: `${name}: ${record?.error ?? 'its moment never came'}` }
    return {
      felt: record.receipt?.bit === true,
      text: `${name}: ${record.receipt?.evidence ?? 'no receipt'}`,
    }
  })
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
