/** ComfyUI put together: one client id, one event channel, and the image jobs that share them. */
import { randomUUID } from 'node:crypto'
import type { Emit } from '../events.ts'
import type { Job, JobRunner } from '../job.ts'
import type { Limits } from '../limits.ts'
import { backoff } from '../recovery/backoff.ts'
import type { Retrying } from '../recovery/retry.ts'
import type { Http } from '../transport/http.ts'
import { comfyuiApi } from './api.ts'
import { EventChannel } from './event-channel.ts'
import { imageJobs } from './image-jobs.ts'
import { parseMessage } from './messages.ts'
import { PromptWatches } from './prompt-watch.ts'

export type ImageServiceOptions = {
  readonly baseUrl: string
  readonly http: Http
  readonly limits: Limits
  readonly random: () => number
  readonly retry: Retrying
  readonly emit: Emit
  /** The event socket closed and we did not ask for it. */
  readonly onLost: (reason: string) => void
}

export type ImageService = {
  readonly channel: EventChannel
  readonly jobs: JobRunner<Extract<Job, { kind: 'image' }>>
}

/** Opens the channel at once: a socket that is there before the first submit misses nothing. */
export function startImageService(options: ImageServiceOptions): ImageService {
  const { baseUrl, http, limits, random, retry, emit, onLost } = options
  // Random and new for every client: two clients with one id would take each other's events.
  const clientId = randomUUID().replaceAll('-', '')
  const watches = new PromptWatches(emit)
  const url = new URL(`${baseUrl.replace(/\/$/, '')}/ws`)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.searchParams.set('clientId', clientId)
  const channel = new EventChannel({
    url: url.href,
    limits,
    backoff: backoff({ msFirst: limits.reconnectMsFirst, msMax: limits.reconnectMsMax, random }),
    emit,
    onText: (text) => {
      const event = parseMessage(text)
      if (event !== undefined) watches.deliver(event)
    },
    onReconnected: () => watches.reconnected(),
    onLost,
  })
  channel.start()
  const jobs = imageJobs({ api: comfyuiApi(http), channel, limits, random, clientId, watches, retry, emit })
  return { channel, jobs }
}
