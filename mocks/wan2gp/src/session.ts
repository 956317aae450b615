/**
 * What the server remembers of one browser tab: the `gr.State` of Wan2GP, found by `session_hash` and lost with
 * the process. The field names follow the Python dictionary. A real server forgets a session an hour after its
 * heartbeat connection ended; this one never does.
 */

/** Arguments of `Progress.__call__` as Wan2GP keeps them: steps done of steps to do, or nothing known yet. */
export type ProgressArguments = {
  readonly steps: readonly [done: number, total: number] | null
  readonly description: string
}

/** One waiting or running generation. */
export type Task = {
  readonly id: number
  /** All form values, as the queue file keeps them. */
  readonly params: Settings
  readonly clientId: string
  readonly modelType: string
  readonly prompt: string
  readonly width: number
  readonly height: number
  readonly frames: number
  readonly fps: number
  readonly steps: number
  readonly seed: number
  /** Pictures to make instead of a video; 0 = a video. */
  readonly images: number
}

/** Form values by name. */
export type Settings = Readonly<Record<string, unknown>>

/** A finished file of the gallery. */
export type GalleryFile = {
  /** Where clients are told to fetch it: the copy in the Gradio cache. */
  readonly path: string
  /** Where it was written. */
  readonly outputPath: string
  readonly mediaType: 'video' | 'image'
  readonly settings: Settings
}

/** Lets a paused worker go on. */
type Pause = { readonly resumed: Promise<void>; readonly resume: () => void }

/** The `gen` dictionary: everything about generating. */
export type Generation = {
  /** Task 0 is the running one. */
  queue: Task[]
  /** Finished files of this session, oldest first. */
  files: GalleryFile[]
  status: string
  statusDisplay: boolean
  progress: ProgressArguments | null
  /** Step to show a preview of, while there is one. */
  previewStep: number | null
  inProgress: boolean
  abort: boolean
  earlyStop: boolean
  /** More samples of the running prompt that were asked for. */
  extraOrders: number
  pause: Pause | null
  promptNo: number
  promptsMax: number
  lastTimestamp: number
}

/** The state of one session. */
export type Session = {
  readonly hash: string
  modelType: string
  validateSuccess: boolean
  /** Form values by name, as the last `save_inputs` left them. `null` until then: that is how a restart shows. */
  settings: Settings | null
  readonly gen: Generation
}

/** A session as the server makes it for a hash that it has not seen. */
export function newSession(hash: string): Session {
  return {
    hash,
    modelType: 't2v',
    validateSuccess: false,
    settings: null,
    gen: {
      queue: [],
      files: [],
      status: '',
      statusDisplay: false,
      progress: null,
      previewStep: null,
      inProgress: false,
      abort: false,
      earlyStop: false,
      extraOrders: 0,
      pause: null,
      promptNo: 0,
      promptsMax: 0,
      lastTimestamp: 0,
    },
  }
}

/** Gradio's `state_session_capacity`. */
const sessionsMax = 10_000

/** All sessions of the server. The one that was not used for longest gives way. */
export class Sessions {
  readonly #byHash = new Map<string, Session>()

  /** The session of that hash, made on first use: any hash is welcome. */
  open(hash: string): Session {
    const session = this.#byHash.get(hash) ?? newSession(hash)
    this.#byHash.delete(hash)
    this.#byHash.set(hash, session)
    const [oldest] = this.#byHash.keys()
    if (this.#byHash.size > sessionsMax && oldest !== undefined) this.#byHash.delete(oldest)
    return session
  }

  /** Forget a session, as a restart does. */
  forget(hash: string): void {
    this.#byHash.delete(hash)
  }

  /** Number of sessions with a state. */
  get size(): number {
    return this.#byHash.size
  }
}
