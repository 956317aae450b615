/**
 * The last line of defence: whatever ends the process without a verdict ends it with 3, never with 0 or 1, which are
 * words about the client. A crash leaves the cleaning to the reaper.
 */
import { messageOf } from '../support/errors.ts'
import { exitCode } from './exit-code.ts'

/** Call `done` with the code that was earned; an exit before that is a broken harness. */
export function listenForFatal(): { readonly done: (code: number) => void } {
  let earned: number | undefined
  const crash = (error: unknown): void => {
    // Somebody stopped reading (`| head -1`): nothing more can be said, and the work is not wrong for it.
    if ((error as NodeJS.ErrnoException)?.code === 'EPIPE') return
    process.stderr.write(`squall: Cannot go on: ${messageOf(error)}; what was started is being removed\n`)
    process.exit(exitCode.broken)
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  process.stdout.on('error', crash)
  process.stderr.on('error', () => undefined)
  process.on('exit', () => {
    process.exitCode = earned ?? exitCode.broken
  })
  return {
    done: (code) => {
      earned = code
    },
  }
}
