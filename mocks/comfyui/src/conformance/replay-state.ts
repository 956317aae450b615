/** What a replay knows while it runs, and what it may be told beyond the recording. */
import type { Normaliser } from './normalise.ts'
import type { RecordedEvent } from './recording.ts'
import type { ReplaySocket } from './replay-socket.ts'
import type { ReplayTarget } from './replay-target.ts'

/** One thing that was compared. `difference` is absent if nothing differs. */
export type ReplayCase = { readonly name: string; readonly difference?: string }

/** A connection under the name it has in the recording. `missing` frames are not waited for again. */
export type Connection = { readonly socket: ReplaySocket; closedByUs: boolean; missing: number }

/** A replay under way. */
export type Replay = {
  readonly events: readonly RecordedEvent[]
  readonly options: ReplayOptions
  readonly target: ReplayTarget
  readonly connections: Map<string, Connection>
  /** Prompt ids: recorded to live. */
  readonly ids: Map<string, string>
  readonly sides: { readonly recorded: Normaliser; readonly live: Normaliser }
  readonly cases: ReplayCase[]
  readonly held: NoteContext['held']
}

/** What a recording needs beyond its own lines. */
export type ReplayOptions = {
  /** Leaves `status` frames out, where prompts overlapped by chance in the recording. */
  readonly ignoreStatus?: boolean
  /** Plays a note that stands for requests. Returns no case if the note is only a note. */
  readonly onNote?: (text: string, replay: NoteContext) => Promise<readonly ReplayCase[]>
}

/** What playing a note may use. */
export type NoteContext = {
  readonly url: string
  readonly dataFolder: string
  /** Ends the server and starts it with other flags. */
  readonly restart: (flags: readonly string[]) => Promise<void>
  /** Number of frames that connection has now. */
  readonly framesOf: (conn: string) => number
  /** What notes keep open for each other. */
  readonly held: Map<string, { destroy(): void }>
  /** Remembers that the recorded prompt id has this id here. */
  readonly learn: (recordedId: string, liveId: string) => void
}
