/**
 * Who opened a run: host name, process id and start time of that process (process ids are used again, the pair is
 * not). Written as one label "host:pid:start", so that `heal` can tell a dead run from a living one.
 */
import { hostname } from 'node:os'
import { processRow } from './process-table.ts'

/** The current process as an owner. */
export function ownOwner(): string {
  return ownerOf(process.pid) ?? `${hostname()}:${process.pid}:`
}

/** A process of this host as an owner; nothing when there is none. */
export function ownerOf(pid: number): string | undefined {
  const row = processRow(pid)
  return row && `${hostname()}:${pid}:${row.startTime}`
}

/**
 * Whether that process still runs.
 * @returns undefined when it cannot be told from here: another host, or text that is no owner.
 */
export function ownerIsAlive(owner: string): boolean | undefined {
  const [host, pid, startTime] = owner.split(':')
  if (host !== hostname() || !/^\d+$/.test(pid ?? '')) return undefined
  const row = processRow(Number(pid))
  return row !== undefined && (startTime === '' || row.startTime === startTime)
}
