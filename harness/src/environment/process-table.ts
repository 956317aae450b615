/**
 * What the operating system knows of one process: from /proc on Linux, from `ps` elsewhere (macOS, BSD).
 * Windows is knowingly missing.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export type ProcessRow = {
  readonly pid: number
  /** First letter of the state, as in `ps`: R running, S sleeping, T stopped, Z zombie. */
  readonly state: string
  /** User and system time used so far. */
  readonly cpuSeconds: number
  /** Resident memory. */
  readonly memoryBytes: number
  /** When it started, in a form that only serves to tell two processes of the same pid apart. */
  readonly startTime: string
}

/** Clock ticks per second in /proc/<pid>/stat. The kernel gives user space 100 on every platform Node runs on. */
const ticksPerSecond = 100

/** The process, or nothing when there is none (a zombie is none). */
export function processRow(pid: number): ProcessRow | undefined {
  const row = process.platform === 'linux' ? rowFromProc(pid) : rowFromPs(pid)
  return row?.state === 'Z' || row?.state === 'X' ? undefined : row
}

/**
 * Ids of the processes whose environment sets `name` to `value`; for all values with its value when none is given.
 * Linux only: other systems do not show the environment of a process, and the answer is empty there.
 */
export function processesWithVariable(name: string, value?: string): { pid: number; value: string }[] {
  if (process.platform !== 'linux') return []
  const found: { pid: number; value: string }[] = []
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const held = variableOf(entry, name)
    if (held !== undefined && (value === undefined || held === value)) {
      found.push({ pid: Number(entry), value: held })
    }
  }
  return found
}

/** Unreadable (gone meanwhile, or another user's) counts as not set. */
export function variableOf(pid: string, name: string): string | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0')
    return environment.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1)
  } catch {
    return undefined
  }
}

function rowFromProc(pid: number): ProcessRow | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the program's name in brackets and may hold anything; count from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const residentKb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '0'
    return {
      pid,
      state: fields[0] ?? '?',
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      memoryBytes: Number(residentKb) * 1024,
      startTime: fields[19] ?? '',
    }
  } catch {
    return undefined
  }
}

/** Exported for its test, which can run on Linux too. */
export function rowFromPs(pid: number): ProcessRow | undefined {
  try {
    const options = ['-o', 'state=,time=,rss=,lstart=', '-p', String(pid)]
    const environment = { ...process.env, LC_ALL: 'C' }
    const text = execFileSync('ps', options, { encoding: 'utf8', stdio: 'pipe', env: environment }).trim()
    const [state = '?', time = '', memoryKb = '0', ...started] = text.split(/\s+/)
    return {
      pid,
      state: state.charAt(0),
      cpuSeconds: secondsOf(time),
      memoryBytes: Number(memoryKb) * 1024,
      startTime: String(Date.parse(started.join(' '))),
    }
  } catch {
    return undefined
  }
}

/** "1-02:03:04", "02:03:04" (Linux) and "3:04.55" (macOS) in seconds. */
function secondsOf(time: string): number {
  const [clock = '', days = '0'] = time.split('-').reverse()
  return clock.split(':').reduce((total, part) => total * 60 + Number(part), 0) + Number(days) * 86_400
}
