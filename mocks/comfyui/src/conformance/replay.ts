/**
 * Plays the clients' side of a recording against a server and compares what comes back. It waits for the recorded
 * frames, never for the recorded times.
 */
import { stringifyPython } from '@squall/twin-kit'
import { isObject } from '../answer.ts'
import { comparedRuns, liveFrames, recordedFrames } from './compare-frames.ts'
import { comparedAnswers } from './compare-http.ts'
import type { Answer } from './http-exchange.ts'
import { createNormaliser, type Normaliser } from './normalise.ts'
import type { RecordedEvent, RecordedResponse } from './recording.ts'
import { openReplaySocket, type ReplaySocket } from './replay-socket.ts'
import type { ReplayTarget } from './replay-target.ts'
import { sendRecorded } from './send-recorded.ts'

/** One thing that was compared. `difference` is absent if nothing differs. */
export type ReplayCase = { readonly name: string; readonly difference?: string }

/** How long a frame may take that the recording has and the server may not send at all. */
const frameBudgetMs = 6000

/** How long a connection may take to die by itself where the recorded one died. */
const deathBudgetMs = 1000

type Connection = { readonly socket: ReplaySocket; closedByUs: boolean; missing: number }

type Replay = {
  readonly events: readonly RecordedEvent[]
  readonly options: ReplayOptions
  readonly target: ReplayTarget
  readonly connections: Map<string, Connection>
  /** Prompt ids: recorded to live. */
  readonly ids: Map<string, string>
  readonly sides: { readonly recorded: Normaliser; readonly live: Normaliser }
  readonly cases: ReplayCase[]
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
  /** Remembers that the recorded prompt id has this id here. */
  readonly learn: (recordedId: string, liveId: string) => void
}

/** Replays `events` and returns every case in the order of the recording. */
export async function replay(
  events: readonly RecordedEvent[],
  target: ReplayTarget,
  options: ReplayOptions = {},
): Promise<ReplayCase[]> {
  const ids = new Map<string, string>()
  const folder = target.dataFolder
  const parent = folder.slice(0, folder.lastIndexOf('/'))
  const run: Replay = {
    events,
    options,
    target,
    connections: new Map(),
    ids,
    sides: {
      recorded: createNormaliser(() => []),
      live: createNormaliser(() => [
        ...[...ids].map(([recorded, live]) => [live, recorded] as const),
        [`${folder}/`, '/data/'],
        [`${parent}\n`, '/\n'],
      ]),
    },
    cases: [],
  }
  let answer: Answer | undefined
  for (const event of events) {
    if (event.k === 'http_req') {
      await settle(run, event.at)
      answer = await sendRecorded(run.target.url(), event, run.ids).catch(() => undefined)
    } else if (event.k === 'http_res') compareAnswer(run, event, answer)
    else if (event.k === 'http_err')
      check(run, `${event.at} refused`, { refused: true }, { refused: !answer })
    else await playOther(run, event)
  }
  await settle(run, Number.POSITIVE_INFINITY)
  for (const [conn, { socket }] of run.connections) compareConnection(run, conn, socket)
  for (const { socket } of run.connections.values()) socket.close()
  return run.cases
}

async function playOther(run: Replay, event: RecordedEvent): Promise<void> {
  if (event.k === 'note') return playNote(run, event)
  if (event.k === 'ws_connect') {
    await settle(run, event.at)
    return connect(run, event)
  }
  if (event.k !== 'ws_send' && event.k !== 'ws_client_close' && event.k !== 'ws_closed') return
  const connection = run.connections.get(event.conn)
  if (connection === undefined) return
  if (event.k === 'ws_closed') return expectClosed(run, event, connection)
  await settle(run, event.at)
  if (event.k === 'ws_send') {
    const cut = /^<(\d+) chars>$/.exec(event.raw ?? '')?.[1]
    connection.socket.send(
      cut === undefined ? (event.raw ?? stringifyPython(event.json)) : 'x'.repeat(Number(cut)),
    )
  } else {
    connection.closedByUs = true
    connection.socket.close()
  }
}

/** Notes say what the operator of the recorded server did. */
async function playNote(run: Replay, { at, text }: { at: number; text: string }): Promise<void> {
  const signal = /^sending (SIG\w+)/.exec(text)?.[1]
  if (signal !== undefined) {
    await settle(run, at)
    await run.target.kill(signal as NodeJS.Signals)
  }
  if (run.options.onNote !== undefined) {
    const context = {
      url: run.target.url(),
      learn: (recorded: string, live: string) => run.ids.set(recorded, live),
    }
    run.cases.push(...(await run.options.onNote(text, context)))
  }
  if (text === 'server freshly started' && run.connections.size > 0) await run.target.kill('SIGKILL')
}

async function connect(run: Replay, event: { at: number; conn: string; path: string }): Promise<void> {
  const fails = run.events.some(
    (other) =>
      other.k === 'ws_connect_err' &&
      other.conn === event.conn &&
      other.at > event.at &&
      other.at < event.at + 3,
  )
  if (!run.target.isUp() && !fails) await run.target.start()
  const url = `${run.target.url().replace('http', 'ws')}${event.path}`
  let socket = await openReplaySocket(url).catch(() => undefined)
  if (socket === undefined && !fails) {
    // It died by itself a moment ago; the operator of the recording had started it again.
    await run.target.kill('SIGKILL')
    await run.target.start()
    socket = await openReplaySocket(url).catch(() => undefined)
  }
  if (fails || socket === undefined) {
    check(run, `${event.at} connect ${event.conn}`, { refused: fails }, { refused: socket === undefined })
    return
  }
  const before = run.connections.get(event.conn)
  if (before !== undefined) compareConnection(run, event.conn, before.socket, event.at)
  run.connections.set(event.conn, { socket, closedByUs: false, missing: 0 })
}

async function expectClosed(
  run: Replay,
  event: { at: number; conn: string; close_code: number | null },
  connection: Connection,
): Promise<void> {
  if (connection.closedByUs) return
  const { socket } = connection
  await socket.until(() => socket.closed() !== undefined, deathBudgetMs)
  // The recorded server was killed here without a note.
  if (socket.closed() === undefined) await run.target.kill('SIGKILL')
  await socket.until(() => socket.closed() !== undefined, deathBudgetMs)
  const name = `${event.at} ${event.conn} is closed`
  check(run, name, { code: event.close_code }, { code: socket.closed() })
}

/** Waits until every connection has what it had at this line of the recording. */
async function settle(run: Replay, at: number): Promise<void> {
  for (const [conn, connection] of run.connections) {
    const { socket } = connection
    if (connection.closedByUs) continue
    const wanted = sectionOf(run, conn, at).filter(isMilestone).length
    const got = (): number => socket.frames.filter(isLiveMilestone).length + connection.missing
    await socket.until(() => got() >= wanted || socket.closed() !== undefined, frameBudgetMs)
    // What did not come is not waited for again; the comparison reports it.
    connection.missing += Math.max(0, wanted - got())
  }
}

/** Events of the connection that is open under this name at that line (names are used again after a restart). */
function sectionOf(run: Replay, conn: string, until: number): RecordedEvent[] {
  const before = run.events.filter((event) => event.at < until)
  const start = before.findLastIndex((event) => event.k === 'ws_connect' && event.conn === conn)
  return before.slice(Math.max(0, start)).filter((event) => 'conn' in event && event.conn === conn)
}

/** Frames that surely come, in contrast to throttled ticks. */
function isMilestone(event: RecordedEvent): boolean {
  if (event.k === 'ws_recv_binary') return true
  return event.k === 'ws_recv' && (event.truncated !== undefined || isSureJson(event.json))
}

function isLiveMilestone(frame: ReplaySocket['frames'][number]): boolean {
  return 'binary' in frame || isSureJson(frame.json)
}

function isSureJson(json: unknown): boolean {
  if (!isObject(json) || json['type'] === 'progress_state') return false
  return json['type'] !== 'progress' || (isObject(json['data']) && json['data']['value'] === 1)
}

function compareConnection(
  run: Replay,
  conn: string,
  socket: ReplaySocket,
  until = Number.POSITIVE_INFINITY,
): void {
  const section = sectionOf(run, conn, until)
  const kept = ({ type }: { type: string }): boolean => type !== 'status' || run.options.ignoreStatus !== true
  const expected = recordedFrames(section, conn, run.sides.recorded).filter(kept)
  const actual = liveFrames(socket.frames, run.sides.live).filter(kept)
  const name = `${section[0]?.at ?? 0} frames of ${conn}`
  for (const compared of comparedRuns(name, expected, actual)) {
    check(run, compared.name, compared.expected, compared.actual)
  }
}

function compareAnswer(
  run: Replay,
  event: RecordedResponse & { at: number },
  answer: Answer | undefined,
): void {
  const name = `${event.at} ${event.method} ${event.path}`
  if (answer === undefined) {
    check(run, name, { status: event.status }, 'no answer')
    return
  }
  learnId(run, event, answer)
  learnTag(run, event, answer)
  const { expected, actual } = comparedAnswers(event, answer, run.sides)
  check(run, name, expected, actual)
}

/** The id the server gave this prompt, for later requests and comparisons. */
function learnId({ ids }: Replay, { json }: RecordedResponse, { body }: Answer): void {
  const recorded = isObject(json) ? json['prompt_id'] : undefined
  const live = /"prompt_id": "([^"]+)"/.exec(body.toString())?.[1]
  if (typeof recorded === 'string' && live !== undefined && live !== recorded) ids.set(recorded, live)
}

/** The tag of this file, for conditional requests to come. */
function learnTag({ ids }: Replay, recorded: RecordedResponse, answer: Answer): void {
  const [from, to] = [recorded.headers['ETag'], answer.headers['etag']]
  if (from !== undefined && to !== undefined) ids.set(from, to)
}

function check(run: Replay, name: string, expected: unknown, actual: unknown): void {
  const [left, right] = [JSON.stringify(expected), JSON.stringify(actual)]
  if (left === right) run.cases.push({ name })
  else run.cases.push({ name, difference: firstDifference(left, right) })
}

/** The texts around the first place where they differ. */
function firstDifference(expected: string, actual: string): string {
  let at = 0
  while (expected[at] === actual[at]) at++
  const around = (text: string): string => text.slice(Math.max(0, at - 120), at + 200)
  return `expected ...${around(expected)}...\n  actual ...${around(actual)}...`
}
