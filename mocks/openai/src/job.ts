/**
 * One generation from acceptance to its end, as the journal tells it: accepted, started, output, finished.
 * A client that hangs up ends the work at once with outcome `interrupted`, as OpenAI's servers do; that is how
 * an experiment sees whether a gateway passes a hang-up on (several LiteLLM versions do not).
 * There is no queue: this upstream starts every job when it arrives.
 */
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { type Facts, noteFacts } from '@squall/twin-kit'
import type { OpenAiContext } from './context.ts'
import type { OpenAiPoint } from './points.ts'
import { refusalNamed } from './refusals.ts'

export type Job = {
  /** What fault points are told of this job. */
  readonly facts: Facts
  /** Spends simulated time. @throws when the client hangs up. */
  readonly spend: (ms: number) => Promise<void>
  /** Passes a step. @throws ApiFailure when a fault says so, or the reason of a hang-up. */
  readonly pass: (point: OpenAiPoint, facts?: Facts) => Promise<void>
  /** Journals the outputs and the success. Called before the last byte leaves: a client never knows more. */
  readonly succeed: (outputs: readonly JobOutput[]) => void
  /** Journals a failure that the answer itself tells. */
  readonly fail: () => void
}

export type JobOutput = { readonly bytes: Uint8Array; readonly mediaType: string }

export type JobStart = {
  readonly response: ServerResponse
  /** The id of the response, `chatcmpl-…`. */
  readonly jobId: string
  /** The caller's `user` field, if any. */
  readonly clientId?: string | undefined
  readonly model: string
  readonly stream?: boolean
}

/** Runs one job. Resolves also when the client hung up; any other failure is journalled and thrown on. */
export async function runJob(
  { journal, clock, faults }: OpenAiContext,
  { response, jobId, clientId, model, stream = false }: JobStart,
  work: (job: Job) => Promise<void>,
): Promise<void> {
  const facts = { jobId, clientId, model, stream }
  noteFacts(response, facts)
  const hangUp = new AbortController()
  const onClose = (): void => {
    if (faults.decide('openai.job.hang-up', facts) === undefined) hangUp.abort()
  }
  response.once('close', onClose)
  const pass: Job['pass'] = async (point, more = {}) => {
    const outcome = await faults.step(point, { ...facts, ...more }, hangUp.signal)
    if (outcome.kind === 'fail') throw refusalNamed(outcome.as)
  }
  let finished = false
  const finish = (outcome: 'success' | 'error' | 'interrupted'): void => {
    if (!finished) journal('job-finished', { jobId, outcome })
    finished = true
  }
  journal('job-accepted', { jobId, ...(clientId !== undefined && { clientId }), model })
  journal('job-started', { jobId })
  try {
    await pass('openai.generation.start')
    await work({
      facts,
      pass,
      spend: async (ms) => {
        if (ms * clock.timeScale > 0) await clock.wait(ms, hangUp.signal)
        // A timer takes a millisecond even for nothing; a turn of the event loop lets everybody else in, too.
        else await new Promise((resolve) => setImmediate(resolve))
        hangUp.signal.throwIfAborted()
      },
      succeed: (outputs) => {
        for (const { bytes, mediaType } of outputs) {
          const sha256 = createHash('sha256').update(bytes).digest('hex')
          journal('output', { jobId, sha256, bytes: bytes.byteLength, mediaType })
        }
        finish('success')
      },
      fail: () => finish('error'),
    })
  } catch (error) {
    finish(hangUp.signal.aborted ? 'interrupted' : 'error')
    if (!hangUp.signal.aborted) throw error
  } finally {
    response.off('close', onClose)
  }
}
