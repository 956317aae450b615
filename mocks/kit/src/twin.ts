/**
 * The contract between a twin and the kit: what a twin is given (context) and what it gives back (handlers).
 * A twin is a faithful mock server. It owns no port, no signals and no command line; the kit does.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { VirtualClock } from './clock.ts'
import type { Faults } from './faults/faults.ts'
import type { PointCatalog } from './faults/point.ts'
import type { FlagDefinitions, FlagValues } from './flags.ts'
import type { Journal } from './journal.ts'
import type { MalformedAnswer } from './malformed.ts'
import type { SelfCheck } from './self-check/self-check.ts'

/**
 * Answers one HTTP request. A rejected promise becomes a plain 500 (413 for BodyTooLarge), or a dropped socket once
 * headers are out.
 */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** What a twin may use. One context per started twin; nothing in it is shared between twins. */
export type TwinContext<Point extends string = string> = {
  readonly journal: Journal
  readonly clock: VirtualClock
  /** Where the twin can be broken on purpose. */
  readonly faults: Faults<Point>
  /** Ends the twin as a killed process would (default), or as one that exits by itself, after a line on stderr. */
  readonly crash: (exitCode?: number, complaint?: string) => void
  /** Base of all chance in this twin. Default 1. */
  readonly seed: number
  /** Folder that outlives the process; the only place a twin may write to. It exists already. */
  readonly dataFolder: string
  readonly flags: FlagValues
  /** Base address, for example `http://127.0.0.1:8188`. Throws before the twin listens. */
  readonly url: () => string
}

/** A running twin, as the kit sees it. */
export type Twin = {
  readonly handle: RequestHandler
  /** Takes over WebSocket handshakes. Without it they are answered as plain requests. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Which handshakes `upgrade` is for. Default: all. The others are plain requests. */
  readonly upgrades?: (request: IncomingMessage) => boolean
  /** The answer to bytes that are no HTTP request. Default: uvicorn's. */
  readonly malformed?: MalformedAnswer
  /** Called once before the sockets are dropped. Must not wait for anything. */
  readonly stop?: () => void
  /** What the control port shows under `/state`: plain data about queues, sessions and the GPU. */
  readonly state?: () => unknown
  /** Idle time after which the server ends a kept-alive connection. Default 5000, as uvicorn does; 0 = never. */
  readonly keepAliveMs?: number
}

/** Everything the kit needs to start a twin of one kind. */
export type TwinDefinition<Point extends string = string> = {
  /** Short name, used in error lines: `twin-<name>: Cannot ...`. */
  readonly name: string
  /** Where it can be broken. Default: at its start only. */
  readonly points?: PointCatalog<Point>
  /** Builds the twin before the port is bound, so that slow start-up looks like "connection refused". */
  create(context: TwinContext<Point>): Twin | Promise<Twin>
}

/** What `runTwin` needs on top: the command line. */
export type TwinProgram<Point extends string = string> = TwinDefinition<Point> & {
  readonly defaultPort: number
  /** Flags beyond the common ones (host, port, data-folder, seed, time-scale, help). */
  readonly flags?: FlagDefinitions
  /** Loads the twin's part of `--check`. Loaded only then: it is a client, which a server does not need. */
  readonly selfCheck?: () => Promise<SelfCheck>
}
