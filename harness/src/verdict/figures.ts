/** The figures of a run, from its history alone: what the report prints and what load tests assert. */
import type { HistoryEvent } from '../history/event.ts'
import { faultsOf, operationsOf } from '../history/query.ts'
import type { Experiment } from '../spec/experiment.ts'
import { type RecoveryFigures, recoveryOf } from './recovery-figures.ts'

export type Figures = {
  readonly operations: {
    readonly begun: number
    readonly ok: number
    readonly fail: number
    readonly info: number
  }
  /** Operations that ended well, of all that were begun; 0..1. */
  readonly successRate: number
  /** From handing in to the result, of operations that ended well, ms. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly max: number }
  readonly connections: ConnectionFigures
  readonly services: Readonly<Record<string, ServiceFigures>>
  readonly recoveries: readonly RecoveryFigures[]
  /** From the first invocation to the last end, ms. */
  readonly workloadMs: number
}

export type ConnectionFigures = {
  readonly requests: number
  readonly opened: number
  /** Requests that went over a connection that was already there; 0..1. */
  readonly reuse: number
  /** Mean time from wanting a connection to having one, over all clients, ms. */
  readonly acquisitionMsMean: number
  readonly retries: number
  readonly reconnects: number
}

export type ServiceFigures = {
  readonly memoryBytesMax: number
  /** CPU time used between the first and the last sample, as a fraction of one core. */
  readonly cpuCores: number
  readonly samples: number
}

export function figuresOf(_experiment: Experiment, history: readonly HistoryEvent[]): Figures {
  const operations = operationsOf(history)
  const ends = operations.flatMap((record) => record.ends.slice(0, 1))
  const count = (what: string): number => ends.filter((end) => end.what === what).length
  const latencies = ends
    .filter((end) => end.what === 'ok')
    .map((end) => end.ms)
    .sort((a, b) => a - b)
  const firstAt = operations[0]?.invokedAt ?? 0
  return {
    operations: { begun: operations.length, ok: count('ok'), fail: count('fail'), info: count('info') },
    successRate: operations.length === 0 ? 0 : count('ok') / operations.length,
    latencyMs: { p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95), max: latencies.at(-1) ?? 0 },
    connections: connectionFigures(history),
    services: serviceFigures(history),
    recoveries: faultsOf(history)
      .filter((fault) => fault.kind !== 'noop' && fault.activeAt !== undefined)
      .map((fault) => recoveryOf(history, fault)),
    workloadMs: Math.max(0, ...ends.map((end) => end.at)) - firstAt,
  }
}

/** Nearest rank; 0 for no values. */
function quantile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? 0
}

function connectionFigures(history: readonly HistoryEvent[]): ConnectionFigures {
  const stats = history.flatMap((event) => (event.type === 'client-stats' ? [event.stats] : []))
  const sum = (of: (entry: (typeof stats)[number]) => number): number =>
    stats.reduce((total, entry) => total + of(entry), 0)
  const requests = sum((entry) => entry.requests)
  const opened = sum((entry) => entry.connectionsOpened)
  return {
    requests,
    opened,
    reuse: requests === 0 ? 0 : 1 - opened / requests,
    acquisitionMsMean:
      requests === 0 ? 0 : sum((entry) => entry.acquisitionMs.mean * entry.requests) / requests,
    retries: sum((entry) => entry.retries),
    reconnects: sum((entry) => entry.reconnects),
  }
}

function serviceFigures(history: readonly HistoryEvent[]): Record<string, ServiceFigures> {
  const samples = Map.groupBy(
    history.filter((event) => event.type === 'sample'),
    (event) => event.service,
  )
  return Object.fromEntries(
    [...samples].map(([service, of]) => {
      const first = of[0]
      const last = of.at(-1)
      const seconds = ((last?.at ?? 0) - (first?.at ?? 0)) / 1000
      const cpu = cpuSecondsOf(of.map((sample) => sample.cpuSeconds))
      const memoryBytesMax = Math.max(...of.map((sample) => sample.memoryBytes))
      return [service, { memoryBytesMax, cpuCores: seconds > 0 ? cpu / seconds : 0, samples: of.length }]
    }),
  )
}

/** A restart sets the time back to 0; what was used between the last sample before it and its end is not known. */
function cpuSecondsOf(samples: readonly number[]): number {
  return samples.reduce((total, now, index) => {
    const before = samples[index - 1] ?? now
    return total + (now >= before ? now - before : now)
  }, 0)
}
