/**
 * Image jobs on ComfyUI: submit a graph, follow it over crashes and reconnects, fetch its files.
 * A job the server lost is handed in again, same graph and so same seeds, under a new prompt id; that is the only kind of
 * idempotence ComfyUI offers.
 * Missing: taking jobs over after the client itself was restarted.
 */
import { randomUUID } from 'node:crypto'
import { ClientError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { Job, JobResult, JobRunner } from '../job.ts'
import type { Retrying } from '../recovery/retry.ts'
import { submitOnce } from '../recovery/submit-once.ts'
import { deadline } from '../transport/clock.ts'
import type { JsonObject } from '../transport/json.ts'
import type { Graph } from './api.ts'
import { endOf, type FollowParts } from './follow-prompt.ts'
import { filesOf } from './history.ts'
import type { PromptWatch, PromptWatches } from './prompt-watch.ts'

/** So long a submit waits for the event socket, ms. Without it the job still succeeds, only without progress. */
const channelMsMax = 1_000

export type ImageJobsParts = FollowParts & {
  readonly clientId: string
  readonly watches: PromptWatches
  readonly retry: Retrying
  readonly emit: Emit
}

type AcceptedPrompt = { readonly graph: Graph; readonly watch: PromptWatch; readonly resubmits: number }

export function imageJobs(parts: ImageJobsParts): JobRunner<Extract<Job, { kind: 'image' }>> {
  const accepted = new Map<string, AcceptedPrompt>()
  return {
    async submit(job, signal) {
      const watch = await submitGraph(parts, job.workflow, signal)
      accepted.set(watch.promptId, { graph: job.workflow, watch, resubmits: 0 })
      return watch.promptId
    },
    async follow(jobId, signal) {
      const prompt = accepted.get(jobId)
      if (prompt === undefined) {
        const message = `Cannot follow ${jobId}: this client did not submit it, or has finished it; submit it first`
        throw new ClientError({ errorClass: 'validation', code: 'unknown-job', message })
      }
      accepted.delete(jobId)
      using limit = deadline(parts.limits.followMsMax, signal, 'finish the image job')
      const entry = await entryOf(parts, prompt, limit.signal)
      return await download(parts, entry, limit.signal)
    },
  }
}

/** The id is chosen here, at random (two runs of one seed must not share ids), so that a lost answer can be looked up. */
async function submitGraph(parts: ImageJobsParts, graph: Graph, signal: AbortSignal): Promise<PromptWatch> {
  const { api, channel, clientId, watches, limits, retry } = parts
  const promptId: string = randomUUID()
  await channel.opened(channelMsMax, signal)
  const nodeCount = Object.keys(graph).length
  const watch = watches.open(promptId, nodeCount)
  try {
    const acceptedId = await submitOnce(retry, {
      what: 'submit the workflow',
      deadlineMs: limits.submitMsMax,
      signal,
      send: (inner) => api.submit({ graph, promptId, clientId }, inner),
      lookUp: async (inner) => {
        const known =
          (await api.isQueued(promptId, inner)) || (await api.history(promptId, inner)) !== undefined
        return known ? promptId : undefined
      },
    })
    if (acceptedId === promptId) return watch
    watch[Symbol.dispose]()
    return watches.open(acceptedId, nodeCount)
  } catch (error) {
    watch[Symbol.dispose]()
    throw error
  }
}

/** The history entry of the job, after as many resubmits as it takes and is allowed. */
async function entryOf(
  parts: ImageJobsParts,
  first: AcceptedPrompt,
  signal: AbortSignal,
): Promise<JsonObject> {
  let prompt = first
  for (;;) {
    using watch = prompt.watch
    const job = { type: 'job', service: 'comfyui', jobId: watch.promptId } as const
    const end = await endOf(watch, parts, signal)
    if (end.state === 'finished') {
      if (end.how === 'reconciled') parts.emit({ ...job, what: 'reconciled' })
      return end.entry
    }
    if (prompt.resubmits >= parts.limits.resubmitsMax) {
      const message = `Cannot finish the image job: the server lost it ${prompt.resubmits + 1} times; the graph may kill it`
      throw new ClientError({ errorClass: 'lost', code: 'job-lost', message })
    }
    const next = await submitGraph(parts, prompt.graph, signal)
    prompt = { graph: prompt.graph, watch: next, resubmits: prompt.resubmits + 1 }
    parts.emit({ ...job, what: 'resubmitted', newJobId: next.promptId })
  }
}

/** Files survive a restart, so a server that is away now is waited for. One after the other: they can be large. */
async function download(parts: ImageJobsParts, entry: JsonObject, signal: AbortSignal): Promise<JobResult> {
  const outputs = []
  for (const file of filesOf(entry)) {
    const output = await parts.retry({
      what: 'fetch the result',
      deadlineMs: parts.limits.followMsMax,
      signal,
      attempt: (inner) => parts.api.download(file, inner),
    })
    outputs.push(output)
  }
  return { outputs }
}
