/** What counts as left behind, and what is somebody else's. */
import { expect, test } from 'vitest'
import { compareSnapshots } from './compare.ts'
import type { Snapshot, Thing } from './thing.ts'

const container: Thing = {
  area: 'container',
  id: 'c1',
  name: 'squall-mine-comfyui',
  state: 'running',
  run: 'mine',
}
const stranger: Thing = { area: 'container', id: 'c2', name: 'somebody', state: 'running' }

function snapshot(things: readonly Thing[], unseen: readonly string[] = []): Snapshot {
  return { things, unseen, tookMs: 1 }
}

function compare(before: readonly Thing[], after: readonly Thing[]) {
  return compareSnapshots(snapshot(before), snapshot(after), 'mine')
}

test('the same before and after is clean', () => {
  expect(compare([container, stranger], [container, stranger])).toMatchObject({
    clean: true,
    left: [],
    foreign: 0,
  })
})

test('something of the run that was not there before is left', () => {
  expect(compare([stranger], [stranger, container])).toMatchObject({
    clean: false,
    left: ['container squall-mine-comfyui'],
  })
})

test('something of the run that is not as it was, or gone, is named with both states', () => {
  const paused = { ...container, state: 'paused; CpuQuota 20000' }
  expect(compare([container], [paused]).left).toEqual([
    'container squall-mine-comfyui: paused; CpuQuota 20000, was running',
  ])
  expect(compare([container], []).left).toEqual(['container squall-mine-comfyui is gone'])
})

test('what strangers and other runs do meanwhile does not count', () => {
  const other: Thing = { area: 'process', id: '7', name: '7', run: 'theirs' }
  const paused = { ...stranger, state: 'paused' }
  expect(compare([stranger], [paused, other])).toMatchObject({
    clean: true,
    left: [],
    unclaimed: [],
    foreign: 2,
  })
})

test('a rule of the kernel counts with the mark of the run, and is listed without one', () => {
  const rule: Thing = { area: 'rule', id: 'r', name: '-j NFQUEUE' }
  expect(compare([], [rule])).toMatchObject({ clean: true, unclaimed: ['rule -j NFQUEUE'] })
  expect(compare([], [{ ...rule, run: 'mine' }])).toMatchObject({ clean: false, left: ['rule -j NFQUEUE'] })
  expect(compare([], [{ ...rule, run: 'theirs' }])).toMatchObject({ clean: true, unclaimed: [], foreign: 1 })
})

test('a place that can no longer be seen is no proof', () => {
  const dead = snapshot([], ['containers: the engine does not answer'])
  expect(compareSnapshots(snapshot([container]), dead, 'mine').clean).toBe(false)
  expect(compareSnapshots(dead, dead, 'mine')).toMatchObject({ clean: true, unseen: dead.unseen })
})
