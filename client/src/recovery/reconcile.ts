/**
 * The one place that decides what became of a job whose events were missed: after every reconnect and, while a job is
 * silent, from time to time. Events are only a hint; the server's own records are the truth.
 *
 *   finished   the server has the result
 *   waiting    the server has the job, go on waiting
 *   lost       the server has never heard of it: it was restarted (ComfyUI keeps queue and history in memory only,
 *              measured on ComfyUI 0.33, golden 13), or somebody deleted the job from the queue, which leaves no trace
 *
 * To see what the recovery is worth, return `{ state: 'waiting' }` at the top: every job of a killed server then runs
 * into the deadline of its follower.
 */

/** What a service must be able to tell about a job. Both throw `ClientError` if the service cannot be asked. */
export type JobRecords<T> = {
  readonly isQueued: (signal: AbortSignal) => Promise<boolean>
  readonly result: (signal: AbortSignal) => Promise<T | undefined>
}

export type Reconciliation<T> =
  | { readonly state: 'finished'; readonly result: T }
  | { readonly state: 'waiting' }
  | { readonly state: 'lost' }

/**
 * Queue first, then history: a job moves from one to the other in one step under the server's lock, so that a job which
 * finishes between our two questions is found. The other way round it would look lost and be run twice.
 */
export async function reconcile<T>(records: JobRecords<T>, signal: AbortSignal): Promise<Reconciliation<T>> {
  if (await records.isQueued(signal)) return { state: 'waiting' }
  const result = await records.result(signal)
  return result === undefined ? { state: 'lost' } : { state: 'finished', result }
}
