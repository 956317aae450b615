/**
 * Plays the clients' side of a recording against a server and compares what comes back. It waits for the recorded
 * frames, never for the recorded times.
 */
import { stringifyPython } from '@squall/twin-kit'
import { check, compareAnswer, compareConnection } from './compare-replay.ts'
import type { Answer } from './http-exchange.ts'
import { createNormaliser } from './normalise.ts'
import type { RecordedEvent, RecordedRequest } from './recording.ts'
import { openReplaySocket } from './replay-socket.ts'
import type { Connection, NoteContext, Replay, ReplayCase, ReplayOptions } from './replay-state.ts'
import type { ReplayTarget } from './replay-target.ts'
import { sendRecorded } from './send-recorded.ts'
import { frameBudgetMs, settle } from './settle.ts'

/** How long a connection may take to die by itself where the recorded one died. */
const deathBudgetMs = 1000

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
    held: new Map(),
  }
  let answer: Answer | undefined
  for (const event of events) {
    if (event.k === 'http_req') {
      await settle(run, event.at)
      answer = await ask(run, event).catch(() => undefined)
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

/** Sends the request. A finished prompt that the recording looks up is waited for: nothing else may say it is. */
async function ask(run: Replay, event: RecordedRequest & { readonly at: number }): Promise<Answer> {
  const recorded = run.events.find(({ at, k }) => k === 'http_res' && at > event.at)
  const isThere = recorded?.k === 'http_res' && recorded.json_truncated?.startsWith('{"') === true
  const waits = isThere && event.path.startsWith('/history/')
  const budget = AbortSignal.timeout(frameBudgetMs)
  for (;;) {
    const answer = await sendRecorded(run.target.url(), event, run.ids)
    if (!waits || answer.body.toString() !== '{}' || budget.aborted) return answer
  }
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
    await settle(run, at)
    run.cases.push(...(await run.options.onNote(text, noteContext(run))))
  }
  if (text === 'server freshly started' && run.connections.size > 0) await run.target.kill('SIGKILL')
}

function noteContext(run: Replay): NoteContext {
  const { target } = run
  return {
    url: target.url(),
    dataFolder: target.dataFolder,
    restart: async (flags) => {
      await target.kill('SIGKILL')
      await target.start(flags)
    },
    framesOf: (conn) => run.connections.get(conn)?.socket.frames.length ?? 0,
    held: run.held,
    learn: (recorded, live) => run.ids.set(recorded, live),
  }
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
