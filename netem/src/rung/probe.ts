/** Asking a thread of its own what this machine can do; see `probe-worker.ts`. */
import { Worker } from 'node:worker_threads'
import type { NetemErrorCode } from '../errors.ts'
import type { Rung, Way } from '../shaper.ts'

export type ProbeStart = { readonly kind: 'probe'; readonly rungs: readonly Rung[] }

export type Finding =
  | {
      readonly rung: Rung
      readonly can: 'yes'
      readonly takesSeed: boolean
      /** Whether traffic passes within a second when the agent is killed. */
      readonly failsOpen: boolean
      /** How the userspace rung would get at packets, and why not in a better way. */
      readonly way?: Way
      readonly reason?: string
    }
  | { readonly rung: Rung; readonly can: 'no'; readonly code: NetemErrorCode; readonly reason: string }
  /** It could not be tried without touching the real network. */
  | { readonly rung: Rung; readonly can: 'unknown'; readonly reason: string }

/** @param workerProgram the program whose worker calls `runProbeWorker` */
export function probe(workerProgram: URL, rungs: readonly Rung[]): Promise<readonly Finding[]> {
  const start: ProbeStart = { kind: 'probe', rungs }
  const worker = new Worker(workerProgram, { workerData: start })
  return new Promise((resolve, reject) => {
    const findings: Finding[] = []
    worker.on('message', (finding: Finding) => findings.push(finding))
    worker.on('error', reject)
    worker.on('exit', () => resolve(findings))
  })
}
