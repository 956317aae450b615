/**
 * A worker whose test runner was killed goes on for seconds, bringing containers up that nobody will use. Its channel
 * to the runner closes at that moment, so it ends at once; the reaper removes what it had started.
 */
export function endWithRunner(): void {
  if (process.send !== undefined) process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
}
