/**
 * The client: discovery, health, pools and recovery put together around the three services.
 *
 *   new JobClient -> discover / submit / follow / stats -> dispose
 *
 * Missing: taking up jobs of a client process that died, changing addresses at run time, choosing among several workers.
 */
import { type ImageService, startImageService } from './comfyui/image-service.ts'
import { type DiscoveredService, discover } from './discovery/discovery.ts'
import { probes } from './discovery/probes.ts'
import type { ProbeContext } from './discovery/service-probe.ts'
import type { Endpoints, ServiceName } from './endpoint.ts'
import { ClientError, noEndpoint } from './errors.ts'
import type { ClientEvent, Emit } from './events.ts'
import { HealthMonitor } from './health/monitor.ts'
import type { Job, JobResult, JobRunner, SubmittedJob } from './job.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { textJobs } from './litellm/text-jobs.ts'
import { ServicePools } from './pool/service-pools.ts'
import { type Retrying, retrying } from './recovery/retry.ts'
import { abortedError } from './transport/http-error.ts'
import type { ConnectionStats } from './transport/measurements.ts'
import { seededRandom } from './transport/random.ts'
import { videoJobs } from './wan2gp/video-jobs.ts'

const serviceOf = { image: 'comfyui', text: 'litellm', video: 'wan2gp' } as const

/** A discovery answers within this, ms, whatever the services do. */
const discoverMsMax = 5_000

export type ClientOptions = {
  readonly endpoints: Endpoints
  /** Key for the LiteLLM gateway. */
  readonly litellmKey?: string
  /** Model alias for text jobs. Default: the first one the gateway lists. */
  readonly litellmModel?: string
  /** Fixes every draw of backoff jitter. */
  readonly seed: number
  /** A dead service is UNHEALTHY within this, ms. */
  readonly healthIntervalMs: number
  readonly emit?: Emit
  /** Exceptions from `defaultLimits`. */
  readonly limits?: Partial<Limits>
}

export type ClientStats = ConnectionStats & {
  /** Calls repeated after a failure. */
  readonly retries: number
  /** WebSockets opened after the first one. */
  readonly reconnects: number
}

export class JobClient implements AsyncDisposable {
  readonly #options: ClientOptions
  readonly #pools: ServicePools
  readonly #monitor: HealthMonitor
  readonly #image: ImageService | undefined
  readonly #text: JobRunner<Extract<Job, { kind: 'text' }>> | undefined
  readonly #video: JobRunner<Extract<Job, { kind: 'video' }>> | undefined
  readonly #stopping = new AbortController()
  #retries = 0

  /** Starts probing and opens the event socket; neither has to succeed for the client to be usable later. */
  constructor(options: ClientOptions) {
    this.#options = options
    const limits: Limits = { ...defaultLimits, ...options.limits }
    const random = seededRandom(options.seed)
    const emit = (event: ClientEvent) => this.#emit(event)
    this.#pools = new ServicePools({
      endpoints: options.endpoints,
      limits,
      onError: (service, error) => {
        if (error.errorClass === 'refused') this.#monitor.suspect(service, error.message)
      },
    })
    this.#monitor = new HealthMonitor({
      services: this.#pools.services(),
      intervalMs: options.healthIntervalMs,
      alive: (service, deadlineMs, signal) => probes[service].alive(this.#probe(service, deadlineMs, signal)),
      emit,
    })
    const onRetry = () => {
      this.#retries += 1
    }
    const retry: Retrying = retrying({ limits, random, onRetry })
    const { comfyui, litellm, wan2gp } = options.endpoints
    if (comfyui !== undefined) {
      const onLost = (reason: string) =>
        this.#monitor.suspect('comfyui', `the event socket closed: ${reason}`)
      const http = this.#pools.http('comfyui')
      this.#image = startImageService({ baseUrl: comfyui, http, limits, random, retry, emit, onLost })
    }
    if (litellm !== undefined) {
      const { litellmKey: key, litellmModel: model } = options
      this.#text = textJobs({ http: this.#pools.http('litellm'), limits, retry, key, model })
    }
    if (wan2gp !== undefined) {
      this.#video = videoJobs({ http: this.#pools.http('wan2gp'), limits, retry, emit })
    }
    this.#monitor.start()
  }

  /** Looks for every service again; one entry per endpoint, a missing one with the reason. */
  async discover(): Promise<readonly DiscoveredService[]> {
    const { signal } = this.#stopping
    return await discover(this.#pools.services(), (service) => this.#probe(service, discoverMsMax, signal))
  }

  /** Resolves when the backend accepted the job. @throws ClientError */
  async submit(job: Job, signal: AbortSignal): Promise<SubmittedJob> {
    const service = serviceOf[job.kind]
    try {
      return { job, service, jobId: await this.#hand(job, signal) }
    } catch (error) {
      throw leaving(error, `submit to ${service}`, signal)
    }
  }

  /** Resolves with the finished result, whatever happened in between; once per job. @throws ClientError */
  async follow({ job, jobId }: SubmittedJob, signal: AbortSignal): Promise<JobResult> {
    const runners = { image: () => this.#images(), text: () => this.#texts(), video: () => this.#videos() }
    try {
      return await runners[job.kind]().follow(jobId, signal)
    } catch (error) {
      throw notRefused(leaving(error, `follow the job on ${serviceOf[job.kind]}`, signal))
    }
  }

  stats(): ClientStats {
    const reconnects = this.#image?.channel.reconnects ?? 0
    return { ...this.#pools.stats(), retries: this.#retries, reconnects }
  }

  #hand(job: Job, signal: AbortSignal): Promise<string> {
    if (job.kind === 'image') return this.#images().submit(job, signal)
    if (job.kind === 'text') return this.#texts().submit(job, signal)
    return this.#videos().submit(job, signal)
  }

  #images(): JobRunner<Extract<Job, { kind: 'image' }>> {
    return this.#image?.jobs ?? noEndpoint('comfyui')
  }

  #texts(): JobRunner<Extract<Job, { kind: 'text' }>> {
    return this.#text ?? noEndpoint('litellm')
  }

  #videos(): JobRunner<Extract<Job, { kind: 'video' }>> {
    return this.#video ?? noEndpoint('wan2gp')
  }

  #probe(service: ServiceName, deadlineMs: number, signal: AbortSignal): ProbeContext {
    return { http: this.#pools.http(service), litellmKey: this.#options.litellmKey, deadlineMs, signal }
  }

  #emit(event: ClientEvent): void {
    if (this.#stopping.signal.aborted) return
    this.#options.emit?.(event)
    // The service answers again: do not sit out the backoff.
    const isBack = event.type === 'health' && event.service === 'comfyui' && event.state === 'HEALTHY'
    if (isBack) this.#image?.channel.hurry()
  }

  /** Nothing is told any more, so that nothing of the shutdown is taken for a failure. Twice is once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    this.#monitor[Symbol.dispose]()
    await this.#image?.channel[Symbol.asyncDispose]()
    await this.#pools[Symbol.asyncDispose]()
  }
}

/** Whatever ended the work, what leaves is a ClientError. Anything else is a bug of ours and stays what it is. */
function leaving(error: unknown, what: string, signal: AbortSignal): unknown {
  return error instanceof ClientError || !signal.aborted ? error : abortedError(signal, what)
}

/** An accepted job exists. That nobody answers now must not be read as "it certainly did not happen". */
function notRefused(error: unknown): unknown {
  if (!(error instanceof ClientError) || error.errorClass !== 'refused') return error
  return new ClientError({ errorClass: 'network', code: 'service-away', message: error.message })
}
