/** What a safety check can say before the run is over, and what it must not. */
import { expect, test } from 'vitest'
import type { HistoryEvent } from '../history/event.ts'
import { accepted, at, info, invoke, ok, refused, scriptedExperiment, wrote } from './scripted-run.ts'
import { watchSettled } from './settled-operations.ts'

const both = ['no-lost-jobs', 'outputs-intact'] as const
const late = 10_000

/** What is found of these events, and what was found of them before they had settled. */
function judged(events: readonly HistoryEvent[], checks: readonly (typeof both)[number][] = both) {
  const watch = watchSettled(checks, scriptedExperiment())
  for (const event of events) watch.add(event)
  return { early: watch.failure(1_000), settled: watch.failure(late) }
}

const finished = (ms: number, jobId: string) =>
  at(ms, { type: 'journal', service: 'comfyui', event: 'job-finished', jobId, outcome: 'success' })

test('a sound operation is no reason, and neither is one that is still open or not known to anybody yet', () => {
  const sound = [invoke(0, 'a'), accepted(1, 'a', 'p1'), wrote(5, 'p1', 'aa'), ok(9, 'a', 'aa')]
  const open = [invoke(0, 'b'), accepted(1, 'b', 'p2')]
  const ghost = at(2, { type: 'journal', service: 'comfyui', event: 'job-accepted', jobId: 'p9' })
  expect(judged([...sound, ...open, ghost])).toEqual({ early: undefined, settled: undefined })
})

test.each<[string, HistoryEvent[], string]>([
  [
    'lost',
    [invoke(0, 'a'), accepted(1, 'a', 'p1'), info(9, 'a')],
    'no-lost-jobs failed: of 1 accepted jobs: 1 lost (a)',
  ],
  ['ended twice', [invoke(0, 'a'), accepted(1, 'a', 'p1'), ok(7, 'a'), ok(8, 'a')], '1 duplicated (a)'],
  [
    'stolen',
    ['a', 'b'].flatMap((op) => [invoke(0, op), accepted(1, op, 'p1'), ok(9, op)]),
    'of 2 accepted jobs: 2 stolen (a, b)',
  ],
  [
    'other bytes',
    [
      ...[invoke(0, 'a'), accepted(1, 'a', 'p1'), ok(9, 'a', 'bb')],
      // Only another job shows that this backend keeps a journal.
      ...[invoke(0, 'b'), accepted(1, 'b', 'p2'), wrote(5, 'p2', 'aa')],
    ],
    'outputs-intact failed: 1 of 1 jobs returned wrong bytes',
  ],
])('an operation that is %s is found once it has settled', (_what, events, reason) => {
  expect(judged(events)).toEqual({ early: undefined, settled: expect.stringContaining(reason) as string })
})

test('a journal that comes after the client’s word is waited for', () => {
  const watch = watchSettled(both, scriptedExperiment())
  const first = [...[invoke(0, 'b'), accepted(1, 'b', 'p2'), wrote(3, 'p2', 'bb'), ok(4, 'b', 'bb')]]
  for (const event of [...first, invoke(0, 'a'), accepted(1, 'a', 'p1'), ok(9, 'a', 'aa')]) watch.add(event)
  expect(watch.failure(1_000)).toBeUndefined()
  watch.add(wrote(8, 'p1', 'aa'))
  expect(watch.failure(late)).toBeUndefined()
})

test('what the backend finishes long after the client has said no is found then', () => {
  const watch = watchSettled(both, scriptedExperiment())
  for (const event of [invoke(0, 'a'), accepted(1, 'a', 'p1'), refused(5, 'a')]) watch.add(event)
  expect(watch.failure(late)).toBeUndefined()
  watch.add(finished(late, 'p1'))
  expect(watch.failure(2 * late)).toContain('1 disowned (a)')
})

test('a job that was handed in again is followed', () => {
  const again = at(5, { type: 'job', service: 'comfyui', jobId: 'p1', what: 'resubmitted', newJobId: 'p2' })
  const events = [invoke(0, 'a'), accepted(1, 'a', 'p1'), again, wrote(7, 'p2', 'aa'), ok(9, 'a', 'aa')]
  expect(judged(events).settled).toBeUndefined()
})

test('only the checks that were named are asked', () => {
  const lost = [invoke(0, 'a'), accepted(1, 'a', 'p1'), info(9, 'a')]
  expect(judged(lost, ['outputs-intact']).settled).toBeUndefined()
})

test('ten thousand operations cost no more each than ten', () => {
  const watch = watchSettled(both, scriptedExperiment())
  const lengths = Array.from({ length: 10_000 }, (_, index) => {
    const op = `o${index}`
    // All of the same bytes: what is looked at for one must not grow with the others.
    const events = [
      invoke(index, op),
      accepted(index, op, `p${index}`),
      wrote(index, `p${index}`, 'aa'),
      ok(index, op, 'aa'),
    ]
    for (const event of events) watch.add(event)
    return watch.eventsOf(op).length
  })
  expect(Math.max(...lengths)).toBeLessThan(7)
})
