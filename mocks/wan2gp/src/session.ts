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
  readonly modelType: string
  readonly prompt: string
  readonly negativePrompt: string
  readonly width: number
  readonly height: number
  readonly frames: number
  readonly fps: number
  readonly steps: number
  readonly seed: number
}

/** The `gen` dictionary: everything about generating. */
export type Generation = {
  /** Task 0 is the running one. */
  queue: Task[]
  /** Finished files of this session, oldest first; paths in the Gradio cache. */
  files: string[]
  status: string
  statusDisplay: boolean
  progress: ProgressArguments | null
  /** Step to show a preview of, while there is one. */
  previewStep: number | null
  inProgress: boolean
  abort: boolean
  promptNo: number
  promptsMax: number
  lastTimestamp: number
}

/** The state of one session. */
export type Session = {
  readonly hash: string
  readonly modelType: string
  validateSuccess: boolean
  /** Form values by name, as the last `save_inputs` left them. `null` until then: that is how a restart shows. */
  settings: Readonly<Record<string, unknown>> | null
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
