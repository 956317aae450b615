/**
 * BPF objects that could stand in the way of packets: those that are pinned, and those that a process holds. A link
 * lasts as long as somebody holds it, and `/proc/<pid>/fdinfo` says who; whose it is, the environment of the process.
 *
 * Knowingly missing: programs that are attached without a link (the clsact queueing discipline shows those of tc).
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { variables } from '../labels.ts'
import { variableOf } from '../process-table.ts'
import { markIn } from './mark.ts'
import type { Thing } from './thing.ts'

const pinned = '/sys/fs/bpf'

export function pinnedBpf(): Thing[] {
  return readdirSync(pinned).map((name) => ({
    area: 'bpf',
    id: name,
    name: join(pinned, name),
    ...markIn(name),
  }))
}

/** @throws Error where the files of other users' processes cannot be seen. */
export function heldBpf(): Thing[] {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error('only root sees what the processes of others hold')
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const held = pids.flatMap((pid) => linksOf(pid).map((link) => ({ pid, link })))
  // Several processes may hold the same one.
  return [...Map.groupBy(held, ({ link }) => link)].map(([link, holders]) => {
    const run = holders.map(({ pid }) => variableOf(pid, variables.run)).find((value) => value !== undefined)
    const by = holders.map(({ pid }) => pid).join(', ')
    const about = { area: 'bpf', id: link, name: `${link}, held by process ${by}` } as const
    return run === undefined ? about : { ...about, run }
  })
}

/** "link 7 (tcx)" for each that the process holds; none when it is gone meanwhile. */
function linksOf(pid: string): string[] {
  const folder = `/proc/${pid}`
  try {
    return readdirSync(join(folder, 'fd')).flatMap((fd) => {
      if (!isLink(join(folder, 'fd', fd))) return []
      const info = readFileSync(join(folder, 'fdinfo', fd), 'utf8')
      const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(info)?.[1] ?? '?'
      return [`link ${field('link_id')} (${field('link_type')})`]
    })
  } catch {
    return []
  }
}

function isLink(path: string): boolean {
  try {
    return /bpf[-_]link/.test(readlinkSync(path))
  } catch {
    return false
  }
}
