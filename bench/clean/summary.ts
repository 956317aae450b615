/** What the trials of one ending on one engine come to. */
import type { EngineKind } from '@squall/harness'
import { percentile } from '../percentile.ts'
import type { Trial } from './trial.ts'

export type Summary = {
  readonly engine: EngineKind
  readonly ending: string
  readonly trials: number
  readonly clean: number
  /** Seconds until nothing was left. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Of the trials in which the reaper told what it did: those in which it found so many faults open: "0": 3, "4": 20. */
  readonly openFaults: Readonly<Record<string, number>>
  /** By what undid them, in how many trials: "unpause": 61. */
  readonly undone: Readonly<Record<string, number>>
  /** Exit codes of the harness or the signal that ended it, and in how many trials. */
  readonly exits: Readonly<Record<string, number>>
  readonly left: readonly string[]
}

export function summaryOf(trials: readonly Trial[], engine: EngineKind, ending: string): Summary {
  const ours = trials.filter((trial) => trial.ending === ending && trial.engine === engine)
  const seconds = ours.flatMap(({ cleanMs }) => (cleanMs === undefined ? [] : [cleanMs / 1000]))
  return {
    ...{ engine, ending, trials: ours.length, clean: seconds.length },
    ...{ p50: percentile(seconds, 50), p99: percentile(seconds, 99), max: Math.max(...seconds) },
    openFaults: count(ours.flatMap(({ reaped, healed }) => (reaped ? [String(healed.length)] : []))),
    undone: count(ours.flatMap(({ healed }) => [...new Set(healed.map(undoOf))])),
    exits: count(ours.map(({ exit }) => String(exit))),
    left: ours.flatMap(({ left }) => left),
  }
}

export function trialLine({ engine, ending, momentMs, cleanMs, exit, healed, reaped, left }: Trial): string {
  const end = cleanMs === undefined ? `NOT clean: ${left.join(', ')}` : `clean after ${cleanMs.toFixed(0)} ms`
  const faults = reaped ? healed.join(', ') || 'no fault was open' : 'no report of a reaper'
  return `${engine.padEnd(8)}${ending} after ${momentMs} ms, exit ${exit}: ${end}; ${faults}`
}

export function summaryLine({ engine, ending, trials, clean, left, ...more }: Summary): string {
  const seconds = [more.p50, more.p99, more.max].map((it) => it.toFixed(2))
  return (
    `${engine.padEnd(8)}${ending.padEnd(22)}${clean} of ${trials} clean, p50 ${seconds[0]} s, p99 ${seconds[1]} s, max ${seconds[2]} s; ` +
    `exit ${words(more.exits)}; open faults ${words(more.openFaults) || 'not told'}; undone ${words(more.undone) || 'none'}; ` +
    `left: ${left.join(', ') || 'nothing'}`
  )
}

/** The first word: "unpause wan2gp (healed)" is an unpause. */
function undoOf(healed: string): string {
  return healed.replace(/ .*/, '')
}

function count(names: readonly string[]): Record<string, number> {
  const groups = Map.groupBy(names, (name) => name)
  const sorted = [...groups].toSorted(([a], [b]) => a.localeCompare(b))
  return Object.fromEntries(sorted.map(([name, members]) => [name, members.length]))
}

function words(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, times]) => `${name} (${times}x)`)
    .join(', ')
}
