import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { nowMs } from '../support/clock.ts'
import { momentReached } from './moments.ts'

let folder = ''
let recorder: Recorder
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-moments-'))
  recorder = openRecorder(join(folder, 'h'), nowMs())
})
afterEach(() => rmSync(folder, { recursive: true }))

test('comes when the history shows it, also if a job started before its submission was answered', async () => {
  const over = new AbortController()
  const options = { recorder, workloadBeganAt: nowMs(), over: over.signal }
  const reached = momentReached(options, { jobsRunning: 1, jobsQueued: 1 }, 'comfyui')
  for (const op of ['a', 'b']) {
    recorder.append({
      type: 'operation',
      what: 'invoke',
      op,
      user: 0,
      client: 0,
      kind: 'image',
      service: 'comfyui',
    })
  }
  recorder.append({ type: 'job', service: 'comfyui', jobId: 'p1', what: 'started' })
  recorder.append({ type: 'operation', what: 'accepted', op: 'a', jobId: 'p1', ms: 1 })
  const state = { settled: false }
  void reached.then(() => {
    state.settled = true
  })
  await Promise.resolve()
  expect(state.settled).toBe(false)
  recorder.append({ type: 'operation', what: 'accepted', op: 'b', jobId: 'p2', ms: 1 })
  expect(await reached).toBe(true)
})

test('jobs of another service and jobs that ended do not count', async () => {
  const over = new AbortController()
  const options = { recorder, workloadBeganAt: nowMs(), over: over.signal }
  const reached = momentReached(options, { jobsRunning: 1 }, 'wan2gp')
  recorder.append({
    type: 'operation',
    what: 'invoke',
    op: 'a',
    user: 0,
    client: 0,
    kind: 'image',
    service: 'comfyui',
  })
  recorder.append({ type: 'operation', what: 'accepted', op: 'a', jobId: 'p1', ms: 1 })
  recorder.append({ type: 'job', service: 'comfyui', jobId: 'p1', what: 'started' })
  over.abort()
  expect(await reached).toBe(false)
})

test('a time that has not come when the workload ends never comes', async () => {
  const over = new AbortController()
  const options = { recorder, workloadBeganAt: nowMs(), over: over.signal }
  const late = momentReached(options, { afterMs: 60_000 }, 'comfyui')
  expect(await momentReached(options, { afterMs: 0 }, 'comfyui')).toBe(true)
  over.abort()
  expect(await late).toBe(false)
})

test('comes after the nth event with these fields, also if it was before the wait began', async () => {
  const over = new AbortController()
  const options = { recorder, workloadBeganAt: nowMs(), over: over.signal }
  const output = { type: 'journal', service: 'comfyui', event: 'output' } as const
  recorder.append(output)
  recorder.append({ ...output, service: 'wan2gp' })
  const moment = {
    event: { type: 'journal', event: 'output', service: 'comfyui' },
    nth: 2,
    delayMs: 30,
  } as const
  const state = { settled: false }
  const reached = momentReached(options, moment, 'comfyui').then((came) => {
    state.settled = true
    return came
  })
  await Promise.resolve()
  expect(state.settled).toBe(false)
  recorder.append(output)
  const seenAt = nowMs()
  expect(await reached).toBe(true)
  expect(nowMs() - seenAt).toBeGreaterThan(25)
  expect(await momentReached(options, { ...moment, delayMs: 0 }, 'comfyui')).toBe(true)
  const never = momentReached(options, { ...moment, nth: 3 }, 'comfyui')
  over.abort()
  expect(await never).toBe(false)
})
