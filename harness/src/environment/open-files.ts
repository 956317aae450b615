/**
 * Open files of a process on this machine, and the limit on them while it runs: /proc, and `prlimit` of util-linux
 * (Linux only). Only the soft limit is changed, so that it can be raised again without privileges. The kernel asks
 * that whoever changes it is of the same user as the process; a harness that is root runs prlimit as that user.
 */
import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { messageOf } from '../support/errors.ts'
import type { OpenFiles } from './abilities.ts'
import { EngineError } from './engine-error.ts'

const run = promisify(execFile)

/** @param pidOf The process that runs the program now, on this machine. */
export function openFilesOf(name: string, pidOf: () => Promise<number>): OpenFiles {
  return {
    async count() {
      const pid = await pidOf()
      const open = new Set((await readdir(`/proc/${pid}/fd`)).map(Number))
      let firstFree = 0
      while (open.has(firstFree)) firstFree += 1
      const limits = await readFile(`/proc/${pid}/limits`, 'latin1')
      const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 0)
      return { open: open.size, firstFree, limit }
    },
    undo: () => undefined,
    close: async () => undefined,
    async limit(max) {
      const pid = await pidOf()
      try {
        const { uid, gid } = await stat(`/proc/${pid}`)
        const asOwner = process.getuid?.() === 0 && uid !== 0 ? { uid, gid } : {}
        await run('prlimit', ['--pid', String(pid), `--nofile=${max}:`], asOwner)
      } catch (error) {
        throw new EngineError(
          'unit-failed',
          `Cannot limit the open files of ${name}: ${messageOf(error)}; install prlimit (util-linux), and run as the same user or as root`,
          { cause: error },
        )
      }
    },
  }
}
