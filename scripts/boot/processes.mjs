/**
 * Facts about other processes: alive or not, parent, name, start time. The start time tells a process from a
 * later one with the same id; only Linux gives it cheaply, elsewhere the id alone must do.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * @typedef {{ pid: number, parent: number, group: number, name: string, state: string,
 *   startTime: string | undefined }} Process
 */

/**
 * @param {number} pid
 * @returns {Process | undefined} undefined if there is none, or if the platform cannot say
 */
export function inspect(pid) {
  return process.platform === 'linux' ? inspectLinux(pid) : inspectByPs(pid)
}

/** @param {number} pid @returns {Process | undefined} */
function inspectLinux(pid) {
  let text
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // The name stands in parentheses and may itself contain spaces and parentheses.
  const close = text.lastIndexOf(')')
  const fields = text.slice(close + 2).split(' ')
  const name = text.slice(text.indexOf('(') + 1, close)
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    name,
    state: fields[0] ?? '',
    startTime: fields[19],
  }
}

/** @param {number} pid @returns {Process | undefined} */
function inspectByPs(pid) {
  if (process.platform === 'win32') return undefined
  try {
    const text = execFileSync('ps', ['-o', 'ppid=,pgid=,stat=,comm=', '-p', String(pid)], {
      encoding: 'utf8',
    }).trim()
    const [parent, group, state = '', ...name] = text.split(/\s+/)
    return {
      pid,
      parent: Number(parent),
      group: Number(group),
      name: name.join(' '),
      state,
      startTime: undefined,
    }
  } catch {
    return undefined
  }
}

/** @param {number} pid */
export function startTimeOf(pid) {
  return process.platform === 'linux' ? inspectLinux(pid)?.startTime : undefined
}

/**
 * True if this very process still runs. A zombie counts as gone.
 * @param {number} pid
 * @param {string | undefined} startTime as given by `startTimeOf`; undefined compares the id only
 */
export function isAlive(pid, startTime) {
  if (pid <= 0) return false
  if (process.platform === 'linux') {
    const found = inspectLinux(pid)
    if (found === undefined || found.state === 'Z' || found.state === 'X') return false
    return startTime === undefined || found.startTime === startTime
  }
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
