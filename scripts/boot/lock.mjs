/**
 * A lock file with its owner's process id, so that two boots at once do not install into the same folder. The
 * lock of a process that is gone is broken. Known gap: three boots that break the same stale lock within
 * microseconds can let two of them in; all that is done under the lock ends in an atomic rename, so that the
 * result is right even then. A boot that is killed with SIGKILL leaves its install running; the next boot does not
 * wait for that one.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { sleep } from './clock.mjs'
import { isAlive, startTimeOf } from './processes.mjs'
import { BootError, say } from './say.mjs'

/** Longest honest owner: a cold install over a slow line. */
const waitMsMax = 15 * 60_000

/**
 * Runs `work` while the lock is held. Waits for a living owner, with one line that says for whom.
 * @template T
 * @param {string} file path of the lock
 * @param {string} purpose completes "another Squall is ..."
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 * @throws {BootError} code `lock-timeout`
 */
export async function withLock(file, purpose, work) {
  await acquire(file, purpose)
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

/** @param {string} file @param {string} purpose */
async function acquire(file, purpose) {
  const since = Date.now()
  let announced = false
  while (!tryAcquire(file)) {
    const owner = ownerOf(file)
    if (owner === undefined) continue
    if (!isAlive(owner.pid, owner.startTime)) {
      breakLock(file, owner)
      continue
    }
    if (Date.now() - since > waitMsMax) {
      throw new BootError(
        'lock-timeout',
        `Cannot go on: process ${owner.pid} has been ${purpose} for too long; end it or remove ${file}.`,
      )
    }
    if (!announced) say(`waiting: another Squall (process ${owner.pid}) is ${purpose}`)
    announced = true
    await sleep(100)
  }
}

/** The content is complete before the name exists: a reader never sees half a lock. @param {string} file */
function tryAcquire(file) {
  mkdirSync(path.dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, JSON.stringify({ pid: process.pid, startTime: startTimeOf(process.pid) }))
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/**
 * @param {string} file
 * @returns {{ pid: number, startTime: string | undefined } | undefined} undefined if the lock is free
 */
function ownerOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined
    return { pid: -1, startTime: undefined } // not ours and unreadable: treated as stale
  }
}

/** Takes the stale lock away by rename, and puts it back if it turned out to be a fresh one. */
function breakLock(/** @type {string} */ file, /** @type {{ pid: number }} */ stale) {
  const grave = `${file}.stale.${process.pid}`
  try {
    renameSync(file, grave)
    if (ownerOf(grave)?.pid !== stale.pid) linkSync(grave, file)
  } catch {
    // Another boot was quicker; the next round of `acquire` looks again.
  } finally {
    rmSync(grave, { force: true })
  }
}
