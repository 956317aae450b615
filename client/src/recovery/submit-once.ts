/**
 * Hands a job in so that a broken connection does not make two jobs of it. A submit whose outcome is unknown is looked
 * up by its id before it is sent again.
 *
 * The look-up cannot see a request that still lies unread in a socket buffer of a stalled server, hence the second look
 * a moment later. A request delayed longer than that in the network can still arrive twice; the services have no
 * idempotency key that would close this gap.
 */
import { ClientError, mayHaveArrived } from '../errors.ts'
import { wait } from '../transport/clock.ts'
import type { Retrying } from './retry.ts'

/** Between two looks for a job that may have arrived, ms. Long against the time a healthy server needs to read a request. */
const secondLookMs = 200

export type SubmitOnce<T> = {
  readonly what: string
  readonly deadlineMs: number
  readonly signal: AbortSignal
  readonly send: (signal: AbortSignal) => Promise<T>
  /** The receipt, if the service knows the job; undefined if it certainly does not. Throws if it cannot tell. */
  readonly lookUp: (signal: AbortSignal) => Promise<T | undefined>
}

export async function submitOnce<T>(retry: Retrying, options: SubmitOnce<T>): Promise<T> {
  let uncertain = false
  const receipt = retry({
    what: options.what,
    deadlineMs: options.deadlineMs,
    signal: options.signal,
    attempt: async (signal) => {
      if (uncertain) {
        const arrived = await lookTwice(options, signal)
        if (arrived !== undefined) return arrived
        uncertain = false
      }
      try {
        return await options.send(signal)
      } catch (error) {
        if (error instanceof ClientError && mayHaveArrived(error)) uncertain = true
        throw error
      }
    },
  })
  try {
    return await receipt
  } catch (error) {
    const isCertain = error instanceof ClientError && error.errorClass === 'refused'
    throw uncertain && isCertain ? unknownOutcome(options.what, error) : error
  }
}

/** An early attempt may have arrived and the service went away before it could be asked: not a certain "no". */
function unknownOutcome(what: string, error: ClientError): ClientError {
  const message = `Cannot ${what}: whether it arrived is unknown; last failure: ${error.message}`
  return new ClientError({ errorClass: 'network', code: 'submit-uncertain', message })
}

async function lookTwice<T>(options: SubmitOnce<T>, signal: AbortSignal): Promise<T | undefined> {
  const first = await options.lookUp(signal)
  if (first !== undefined) return first
  await wait(secondLookMs, signal)
  return await options.lookUp(signal)
}
