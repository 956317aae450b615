import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { historyVersion } from './event.ts'
import { readHistory } from './read.ts'
import { openRecorder } from './recorder.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-history-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const begin = { type: 'run', what: 'begin', version: historyVersion, startedAt: 'now' } as const

test('what is on disk is what was recorded, in order of time, at every moment', () => {
  const file = join(folder, 'history.ndjson')
  const recorder = openRecorder(file, 1000)
  recorder.append(begin, 1000)
  recorder.append({ type: 'phase', phase: 'late', what: 'begin' }, 1020)
  recorder.append({ type: 'journal', service: 'comfyui', event: 'listening' }, 1010)
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(3)
  const frozen = recorder.freeze()
  expect(frozen.map((event) => event.at)).toEqual([0, 10, 20])
  expect(readHistory(file)).toEqual(frozen)
})

test('after the freeze nothing can be added', () => {
  const recorder = openRecorder(join(folder, 'h'), 0)
  recorder.append(begin, 0)
  recorder.freeze()
  recorder.append({ type: 'phase', phase: 'x', what: 'begin' }, 5)
  expect(recorder.freeze()).toHaveLength(1)
})

test('a last line cut short by a crash is dropped; any other damage is refused with its line', () => {
  const file = join(folder, 'h')
  writeFileSync(file, `${JSON.stringify({ seq: 0, at: 0, ...begin })}\n{"seq":1,"at":`)
  expect(readHistory(file)).toHaveLength(1)
  appendFileSync(file, '\n{"seq":2,"at":3,"type":"phase"}\n')
  expect(() => readHistory(file)).toThrow('line 2 is not an event')
})

test('a history of another version is refused', () => {
  const file = join(folder, 'h')
  writeFileSync(file, `${JSON.stringify({ seq: 0, at: 0, ...begin, version: 99 })}\n`)
  expect(() => readHistory(file)).toThrow('version 99')
})
