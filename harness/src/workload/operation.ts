/** One job of one user, from the intention to its end, as events. The conductor writes them to the history. */
import type { ServiceName } from '../spec/topology.ts'
import type { JobKind } from '../spec/workload-plan.ts'

export type OperationEvent =
  | {
      readonly what: 'invoke'
      readonly op: string
      readonly user: number
      readonly client: number
      readonly kind: JobKind
      readonly service: ServiceName
    }
  | { readonly what: 'accepted'; readonly op: string; readonly jobId: string; readonly ms: number }
  | {
      readonly what: 'ok'
      readonly op: string
      readonly ms: number
      readonly outputs: readonly OutputDigest[]
    }
  | {
      readonly what: 'fail' | 'info'
      readonly op: string
      readonly ms: number
      readonly error: OperationError
    }
  /** A user looked for the services; `missing` names those not connected. */
  | {
      readonly what: 'discovered'
      readonly user: number
      readonly ms: number
      readonly missing: readonly ServiceName[]
    }

/** What the user got, small enough to keep. */
export type OutputDigest = { readonly mediaType: string; readonly bytes: number; readonly sha256: string }

export type OperationError = { readonly class: FailureClass; readonly message: string }

/**
 * Why an operation ended without its result.
 * `refused`, `validation`, `rate-limit`, `execution`: the backend said no, in so many words; it is known not to be done.
 * `network`, `timeout`, `server`, `lost`, `unknown`: nobody said no; the job was lost on the way or may still run.
 */
export const failureClasses = [
  'refused',
  'validation',
  'rate-limit',
  'execution',
  'network',
  'timeout',
  'server',
  'lost',
  'unknown',
] as const
export type FailureClass = (typeof failureClasses)[number]

const definite: ReadonlySet<FailureClass> = new Set(['refused', 'validation', 'rate-limit', 'execution'])

/** `fail` when the job certainly did not happen, `info` when it may have. */
export function outcomeOf(failure: FailureClass): 'fail' | 'info' {
  return definite.has(failure) ? 'fail' : 'info'
}
