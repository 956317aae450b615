/** Waiting for frames: a replay goes on when everything has come that had come at that line of the recording. */
import { isObject } from '../answer.ts'
import type { RecordedEvent } from './recording.ts'
import type { ReplaySocket } from './replay-socket.ts'
import type { Replay } from './replay-state.ts'

/** How long a frame may take that the recording has and the server may not send at all. */
export const frameBudgetMs = 6000

/** Waits until every connection has what it had at this line of the recording. */
export async function settle(run: Replay, at: number): Promise<void> {
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
export function sectionOf(run: Replay, conn: string, until: number): RecordedEvent[] {
  const before = run.events.filter((event) => event.at < until)
  const start = before.findLastIndex((event) => event.k === 'ws_connect' && event.conn === conn)
  return before.slice(Math.max(0, start)).filter((event) => 'conn' in event && event.conn === conn)
}

/** Frames that surely come, in contrast to throttled ticks; of previews a run may have more or fewer. */
function isMilestone(event: RecordedEvent): boolean {
  return event.k === 'ws_recv' && (event.truncated !== undefined || isSureJson(event.json))
}

function isLiveMilestone(frame: ReplaySocket['frames'][number]): boolean {
  return 'json' in frame && isSureJson(frame.json)
}

function isSureJson(json: unknown): boolean {
  if (!isObject(json) || json['type'] === 'progress_state') return false
  return json['type'] !== 'progress' || (isObject(json['data']) && json['data']['value'] === 1)
}
