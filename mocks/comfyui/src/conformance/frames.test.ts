/** What the comparison forgives and what it does not. */
import { expect, test } from 'vitest'
import { canonicalRun, type Frame, splitRuns } from './frames.ts'
import { createNormaliser } from './normalise.ts'

const executing = (node: string | null): Frame => ({ type: 'executing', data: { node } })
const executed = (node: string): Frame => ({ type: 'executed', data: { node } })
const tick = (value: number, max = 9): Frame => ({ type: 'progress', data: { value, max, node: '2' } })
const state = (nodes: Record<string, number>): Frame => ({ type: 'progress_state', data: { nodes } })

test('a run ends with executing null', () => {
  expect(splitRuns([executing('1'), executing(null), executing('2')])).toEqual([
    [executing('1'), executing(null)],
    [executing('2')],
  ])
})

test('ticks in the middle are forgiven, the first and the last are not', () => {
  const both = [tick(1), tick(9)]
  expect(canonicalRun([tick(1), state({ 2: 4 }), tick(4), tick(9)])).toEqual(both)
  expect(canonicalRun([tick(1)])).not.toEqual(both)
})

test('outputs that follow each other may change places, other nodes may not', () => {
  const outputs = [executing('3'), executed('3'), executing('4'), executed('4')]
  const swapped = [...outputs.slice(2), ...outputs.slice(0, 2)]
  expect(canonicalRun(swapped)).toEqual(canonicalRun(outputs))
  expect(canonicalRun([executing('3'), executing('4')])).not.toEqual(
    canonicalRun([executing('4'), executing('3')]),
  )
})

test('ids, times and counters are taken out; 1.0 and a text stay apart', () => {
  const live = createNormaliser(() => [['live-id', 'recorded-id']])
  expect(live({ prompt_id: 'live-id', timestamp: 5, file: 'a_00007_.png', next: 'a_00009_.png' })).toEqual({
    prompt_id: 'recorded-id',
    timestamp: '<time>',
    file: 'a_<0>_.png',
    next: 'a_<2>_.png',
  })
  expect(live({ executed: ['b', 'a'], images: ['b', 'a'] })).toEqual({
    executed: ['a', 'b'],
    images: ['b', 'a'],
  })
})
