/**
 * Turns the log of a failed install (npm, pnpm, apt) into one sentence that says what to do.
 */
import { BootError } from './say.mjs'

/** @type {readonly [RegExp, string, string, string][]} pattern, code, state, what to do */
const causes = [
  [
    /ENOSPC|No space left|disk full/i,
    'no-disk',
    'no space is left on the disk',
    'free about 1 GB and run again',
  ],
  [
    /EROFS|read-only file system/i,
    'read-only',
    'the folder is read-only',
    'use a copy in a folder you may write to',
  ],
  [
    /EACCES|EPERM|permission denied/i,
    'no-permission',
    'permission is denied',
    'give yourself write access to this folder',
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|Could not resolve|Temporary failure resolving|META_FETCH_FAIL|error sending request/i,
    'no-network',
    'the package server does not answer',
    'connect to the network, or name your mirror (npm config set registry ...), and run again',
  ],
  [
    /OUTDATED_LOCKFILE|frozen-lockfile/i,
    'stale-lockfile',
    'pnpm-lock.yaml does not match package.json',
    'run .toolchain/node_modules/.bin/pnpm install and commit the lockfile',
  ],
  [
    /spawn npm ENOENT|npm: not found/i,
    'no-npm',
    'there is no npm on PATH',
    'install npm, or start through npm (npm start)',
  ],
]

/**
 * @param {string} action what was tried, after "Cannot"
 * @param {string} log
 */
export function explainInstallFailure(action, log) {
  for (const [pattern, code, state, advice] of causes) {
    if (pattern.test(log)) return new BootError(code, `Cannot ${action}: ${state}; ${advice}.`, log)
  }
  return new BootError(
    'install-failed',
    `Cannot ${action}: see the log above; correct its cause and run again.`,
    log,
  )
}
