import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRunFolder, openRunFolder, readRunJson, slugOf } from './run-folder.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'squall-run-folder-'))
})
afterEach(() => rmSync(root, { recursive: true }))

test('one folder per run, also for two runs of the same second', () => {
  const startedAt = new Date('2026-01-02T03:04:05Z')
  const first = createRunFolder('A4 killed', 7, startedAt, root)
  const second = createRunFolder('A4 killed', 7, startedAt, root)
  expect(relative(root, first.path)).toBe('.runs/a4-killed/20260102T030405-7')
  expect(relative(root, second.path)).toBe('.runs/a4-killed/20260102T030405-7.1')
  expect(readFileSync(join(root, '.runs/latest'), 'utf8').trim()).toBe(second.path)
})

test('a title never names a path outside', () => {
  expect(slugOf('../../etc/passwd')).toBe('etc-passwd')
  expect(slugOf('…')).toBe('experiment')
})

test('what is written is read back, and a folder that is none says so', () => {
  const folder = createRunFolder('x', 1, new Date(), root)
  folder.writeJson('verdict.json', { outcome: 'pass' })
  expect(readRunJson(openRunFolder(folder.path), 'verdict.json')).toEqual({ outcome: 'pass' })
  expect(() => readRunJson(openRunFolder(root), 'verdict.json')).toThrow('name the folder of a run')
})

test('a place that cannot be written is one clear error', () => {
  expect(() => createRunFolder('x', 1, new Date(), '/dev/null')).toThrow(
    /Cannot write a run folder .*; free space/,
  )
})
