/** Ctrl-C and its relatives: the first asks to stop and clean up, the second gives up at once (the reaper cleans up). */
import { SquallError } from '../support/errors.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A signal that is aborted on the first of them. Dispose to listen no more. @param doing What is done about it. */
export function listenForInterrupt(
  doing = 'healing and removing everything',
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130)
    process.stderr.write(`\n${name}: ${doing}; once more to leave at once\n`)
    controller.abort(new SquallError('interrupted', `interrupted by ${name}`))
  }
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}
