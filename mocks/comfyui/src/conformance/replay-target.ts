/** The server a replay talks to. It can die and come back, because recordings of crashes need that. */

/** A server under replay. */
export type ReplayTarget = AsyncDisposable & {
  readonly url: () => string
  /** Folder with `output`, `input` and `temp`; its path is taken out of error texts. */
  readonly dataFolder: string
  readonly isUp: () => boolean
  /** Starts it (again), with other flags of its own if some are given. Resolves when it listens. */
  readonly start: (flags?: readonly string[]) => Promise<void>
  /** Ends it with a signal. Resolves when it is gone. */
  readonly kill: (signal: NodeJS.Signals) => Promise<void>
}
