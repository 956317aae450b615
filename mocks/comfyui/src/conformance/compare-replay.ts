/** Turns what came back into cases: answers, and the frames of whole connections. */
import { isObject } from '../answer.ts'
import { comparedRuns, liveFrames, recordedFrames } from './compare-frames.ts'
import { comparedAnswers } from './compare-http.ts'
import type { Answer } from './http-exchange.ts'
import type { RecordedResponse } from './recording.ts'
import type { ReplaySocket } from './replay-socket.ts'
import type { Replay } from './replay-state.ts'
import { sectionOf } from './settle.ts'

/** Compares all frames of a connection up to that line. */
export function compareConnection(
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

/** Compares an answer, and remembers the ids in it. */
export function compareAnswer(
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

/** Adds a case; it passes if both sides have the same JSON text. */
export function check(run: Replay, name: string, expected: unknown, actual: unknown): void {
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
