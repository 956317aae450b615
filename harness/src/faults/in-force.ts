/**
 * What is in force now. Keeps the two rules that a plan with moments of its own cannot be checked for beforehand: one
 * fault of a claim per target, and no more targets at once than allowed.
 */
import { claimOf, type FaultSpec, lifeClaim } from '../spec/fault-plan.ts'
import type { ServiceName } from '../spec/topology.ts'

export type InForce = {
  /** Takes a place for a fault, or says why there is none. Dispose to give it back. */
  enter(fault: FaultSpec, on: ServiceName): Disposable | { readonly refused: string }
  /** Whether a fault other than this one holds the life of the target's process. */
  isHeldDown(on: ServiceName, except: FaultSpec): boolean | Promise<boolean>
}

export function openInForce(blastRadiusMax: number): InForce {
  const entries = new Set<{ readonly fault: FaultSpec; readonly on: ServiceName }>()
  return {
    enter(fault, on) {
      const claim = claimOf(fault)
      const rival = [...entries].find(
        (entry) => entry.on === on && claim !== undefined && claimOf(entry.fault) === claim,
      )
      if (rival) return { refused: `${rival.fault.kind} of ${on} was in force already` }
      const harmed = new Set([...entries].flatMap((entry) => (entry.fault.kind === 'noop' ? [] : [entry.on])))
      if (fault.kind !== 'noop' && !harmed.has(on) && harmed.size >= blastRadiusMax) {
        return {
          refused: `${[...harmed].join(', ')} was under a fault, and blastRadiusMax is ${blastRadiusMax}`,
        }
      }
      const entry = { fault, on }
      entries.add(entry)
      return { [Symbol.dispose]: () => void entries.delete(entry) }
    },
    isHeldDown: (on, except) =>
      [...entries].some(
        ({ fault, on: where }) => where === on && fault !== except && claimOf(fault) === lifeClaim,
      ),
  }
}
