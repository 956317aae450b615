/** What the self-check asks of a twin: how it looks alive, and what a restart takes and leaves. */

/** An open connection on which the twin speaks by itself. */
export type Link = Disposable & {
  /** Resolves with what the first message said; rejects if it is no status message. */
  readonly statusMessage: () => Promise<string>
  /** Resolves with how the connection ended, once it has. */
  readonly ended: Promise<string>
}

/** Flags (before those of the caller) and environment of the twin under check. Disposed in the last step. */
export type Preparation = AsyncDisposable & {
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** A preparation of flags alone. */
export function withFlags(...flags: readonly string[]): () => Promise<Preparation> {
  return () => Promise.resolve({ flags, env: {}, [Symbol.asyncDispose]: () => Promise.resolve() })
}

/** The twin's own part of the eight steps. Each function says in a few words what it saw, or throws. */
export type SelfCheck = {
  /** What the third step connects with: `WebSocket`, or the twin's equivalent. */
  readonly link: string
  /** Makes ready what the twin under check is started with. */
  readonly prepare: () => Promise<Preparation>
  readonly http: (url: string) => Promise<string>
  readonly connect: (url: string) => Promise<Link>
  /** Leaves something in the twin; the function it gives tells after the restart what is gone and what is there. */
  readonly leave: (url: string) => Promise<(url: string) => Promise<string>>
}
