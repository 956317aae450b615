/** Compares what each connection was sent with what was recorded for it. */
import { isObject } from '../answer.ts'
import { canonicalRun, type Frame, splitRuns } from './frames.ts'
import type { Normaliser } from './normalise.ts'
import type { RecordedEvent } from './recording.ts'
import type { LiveFrame } from './replay-socket.ts'

/** Above this length a frame was cut in the recording. */
const truncatedAbove = 1_000_000

/** One prompt on one connection. */
export type ComparedRun = { readonly name: string; readonly expected: unknown; readonly actual: unknown }

/** Pairs the runs of a connection. A missing or extra run is compared with nothing. */
export function comparedRuns(
  name: string,
  recorded: readonly Frame[],
  live: readonly Frame[],
): ComparedRun[] {
  const [expected, actual] = [splitRuns(recorded), splitRuns(live)]
  return Array.from({ length: Math.max(expected.length, actual.length) }, (_, index) => ({
    name: `${name} run ${index + 1}`,
    expected: canonicalRun(expected[index] ?? []),
    actual: canonicalRun(actual[index] ?? []),
  }))
}

/** Recorded frames of one connection. */
export function recordedFrames(
  events: readonly RecordedEvent[],
  conn: string,
  normalise: Normaliser,
): Frame[] {
  return events.flatMap((event) => {
    if (event.k === 'ws_recv' && event.conn === conn) {
      return [event.truncated === undefined ? frameOf(normalise(event.json)) : cutFrame(event.truncated)]
    }
    if (event.k !== 'ws_recv_binary' || event.conn !== conn) return []
    const { event_type, image_type, metadata, image_magic_hex, node_id, text } = event
    return [binaryFrame(normalise({ event_type, image_type, metadata, image_magic_hex, node_id, text }))]
  })
}

/** Live frames of one connection. */
export function liveFrames(frames: readonly LiveFrame[], normalise: Normaliser): Frame[] {
  return frames.map((frame) => {
    if ('binary' in frame) return binaryFrame(normalise(frame.binary))
    const text = JSON.stringify(frame.json, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    )
    return text.length > truncatedAbove ? cutFrame(text) : frameOf(normalise(frame.json))
  })
}

function frameOf(json: unknown): Frame {
  const { type, data } = isObject(json) ? json : {}
  return { type: String(type), data: isObject(data) ? data : {} }
}

function cutFrame(text: string): Frame {
  const [, type = ''] = /"type": ?"(\w+)"/.exec(text) ?? []
  return { type, data: { node: '1', long: true } }
}

/** The first bytes of a picture are compared, JPEG or not, and nothing more. */
function binaryFrame(decoded: unknown): Frame {
  const fields = isObject(decoded) ? decoded : {}
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined)
  return { type: 'binary', data: Object.fromEntries(shown) as Record<string, unknown> }
}
