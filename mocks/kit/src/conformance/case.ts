/**
 * What a contract is made of. A contract is a list of cases that any server of one kind must pass: a twin, a real
 * one, a stranger's. The same cases run in vitest and in the `conformance` command, so a case knows neither.
 */
import type { Difference } from './compare.ts'

/** One thing that must be true. `run` throws CaseFailure if it is not, CaseSkipped if it cannot be seen here. */
export type Case<Target> = {
  readonly name: string
  /** What the server or the caller must offer. Each is a name that the contract can explain. */
  readonly needs?: readonly string[]
  /** Wall time after which the case has failed. Default 20 s. */
  readonly budgetMs?: number
  readonly run: (target: Target) => Promise<void>
}

/** Cases about one topic. Names are unique as `group: case`. */
export type Group<Target> = { readonly name: string; readonly cases: readonly Case<Target>[] }

/** How a case ended. `differs` is a failure that is documented, with its reason. */
export type Outcome = 'passed' | 'failed' | 'differs' | 'skipped'

/** One case that was run, or left out. */
export type CaseResult = {
  readonly name: string
  readonly outcome: Outcome
  readonly ms: number
  /** Why it was skipped, or why it may differ. */
  readonly reason?: string
  readonly differences?: readonly Difference[]
}

/** A connection to a server under test, with what was found out about it. */
export type ContractTarget = AsyncDisposable & {
  readonly url: string
  /** The reason why a need is not met here; undefined if it is. */
  readonly lacks: (need: string) => string | undefined
}

/** What the caller allows and knows. */
export type OpenOptions = {
  /** The server belongs to the caller: it may be cluttered, emptied and interrupted. */
  readonly mayHarm: boolean
  /** Ends the server and starts it again on the same address. Absent for servers that somebody else runs. */
  readonly restart?: () => Promise<void>
}

/** A twin that was started for its own contract. */
export type ServedTwin = AsyncDisposable & {
  readonly url: () => string
  /** Ends it with SIGKILL and starts it again on the same port and folder. */
  readonly startAgain: () => Promise<void>
}

/** How a contract is run: what is allowed, which cases, what is known to differ. */
export type RunOptions = {
  /** Which cases, by full name. Default: all. */
  readonly isChosen?: (name: string) => boolean
  /** Documented differences of this server: full name to reason. */
  readonly known?: Readonly<Record<string, string>>
  readonly onResult?: (result: CaseResult) => void
}

/** The contract of one service, whatever its cases look like inside. */
export type Contract = {
  readonly service: string
  /** Full names of all cases with what each needs. */
  readonly names: readonly { readonly name: string; readonly needs: readonly string[] }[]
  /** Starts a twin of its own in an empty folder. */
  readonly startTwin: (folder: string) => Promise<ServedTwin>
  /** Whether the server at this address speaks the protocol. Changes nothing there and never rejects. */
  readonly recognises: (url: string) => Promise<boolean>
  readonly run: (url: string, options: OpenOptions & RunOptions) => Promise<CaseResult[]>
  /** Cases that start twins themselves, such as the replay of recordings. */
  readonly runAlone?: (options: RunOptions) => Promise<CaseResult[]>
  /** Cases that our twin knowingly fails: full name to reason. They excuse no other server. */
  readonly twinDiffers: Readonly<Record<string, string>>
}
