/** What one run of the benchmark has measured. */
import type { Rung } from '../../netem/src/shaper.ts'
import type { Row } from './figures.ts'

export type Result = {
  readonly rung: Rung
  readonly place: 'this machine' | 'User Mode Linux'
  readonly machine: Readonly<Record<string, string | number>>
} & Tables

export type Tables = Readonly<Record<'delays' | 'shares' | 'throughput' | 'changes', readonly Row[]>>

/** What was to be measured and was not. */
export type Missing = { readonly what: string; readonly why: string }

export type Measured = {
  readonly results: readonly Result[]
  /** The kernel rung beside containers. */
  readonly containers: readonly Row[]
  readonly missing: readonly Missing[]
}

export const nothingMeasured: Measured = { results: [], containers: [], missing: [] }
