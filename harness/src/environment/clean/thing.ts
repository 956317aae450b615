/**
 * What a run can touch on a machine and in its engine, as data: a snapshot is taken before and after, and the
 * difference must be empty. One file beside this one per kind of place that is looked at.
 */

/** One thing that was there. */
export type Thing = {
  readonly area: Area
  /** Tells it from others of its area. */
  readonly id: string
  /** For people. */
  readonly name: string
  /** What must be as it was, in words: "paused", "CpuQuota 20000". */
  readonly state?: string
  /** The run it belongs to; absent where nothing says so. */
  readonly run?: string
}

export type Area =
  | 'container'
  | 'network'
  | 'volume'
  | 'image'
  | 'process'
  | 'folder'
  | 'reservation'
  | 'listener'
  | 'interface'
  | 'qdisc'
  | 'rule'
  | 'bpf'
  | 'namespace'

export type Snapshot = {
  readonly things: readonly Thing[]
  /** Places that could not be looked at, and why: "rules: iptables-save is not installed". */
  readonly unseen: readonly string[]
  readonly tookMs: number
}

/** One place, looked at. Throws when it cannot be. */
export type Look = () => readonly Thing[] | Promise<readonly Thing[]>
