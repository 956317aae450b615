/** Processor time and memory of a container, from the engine's statistics; cgroup v1 and v2. */

import type { Readable } from 'node:stream'
import type Dockerode from 'dockerode'
import { raceSignal } from '../support/deadline.ts'
import type { UnitStats } from './engine.ts'

/** The part of a sample that is used. */
export type RawStats = {
  readonly cpu_stats: {
    readonly cpu_usage: { readonly total_usage: number }
    readonly throttling_data?: { readonly throttled_periods: number }
  }
  readonly memory_stats: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> }
  readonly pids_stats?: { readonly current?: number }
}

/**
 * The first sample of the engine's stream, which comes at once. Asking for one sample alone takes a second (measured
 * on Engine 20.10), because the engine then waits for two to compare.
 */
export async function firstSample(container: Dockerode.Container, budgetMs: number): Promise<RawStats> {
  const answer: unknown = await container.stats({ stream: true })
  const samples = answer as Readable
  const sample = new Promise<string>((resolve, reject) => {
    let received = ''
    samples.setEncoding('utf8')
    samples.on('data', (chunk: string) => {
      received += chunk
      if (received.includes('\n')) resolve(received.slice(0, received.indexOf('\n')))
    })
    samples.once('error', reject)
    samples.once('end', () => resolve(received))
  })
  try {
    return JSON.parse(await raceSignal(sample, AbortSignal.timeout(budgetMs))) as RawStats
  } finally {
    samples.destroy()
  }
}

/**
 * What the engine sends for a container that ends while it is measured: all fields empty, no error (seen on Engine
 * 20.10). A process that runs has used some processor time.
 */
export function isOfNothing(raw: RawStats): boolean {
  return raw.cpu_stats.cpu_usage.total_usage === 0
}

/** Memory without the file cache that the kernel can take back, as `docker stats` shows it. */
export function toUnitStats(raw: RawStats): UnitStats {
  const { usage = 0, stats = {} } = raw.memory_stats
  const reclaimable = stats['total_inactive_file'] ?? stats['inactive_file'] ?? 0
  return {
    cpuSeconds: raw.cpu_stats.cpu_usage.total_usage / 1e9,
    memoryBytes: reclaimable < usage ? usage - reclaimable : usage,
  }
}
