import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TestOutcome } from './run-tests.ts'
import { tenLines } from './ten-lines.ts'

const setting = { engine: 'docker', reason: undefined, report: 'reports/allure/index.html' }
const total = { passed: 2, failed: 0, skipped: 0, wallMs: 61_400 }

test('ten lines, verdict first, from the folders of the runs', ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), 'squall-ten-lines-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const card = {
    kind: 'kill',
    on: 'comfyui',
    isOutage: true,
    detectMs: 30.2,
    healthyMs: 555.4,
    firstOkMs: 1382,
    operationsHit: 6,
  }
  const figures = {
    operations: { begun: 12, ok: 11, fail: 0, info: 1 },
    successRate: 11 / 12,
    latencyMs: { p50: 1, p95: 2, max: 3 },
    connections: { reuse: 0.9, acquisitionMsMean: 4 },
    recoveries: [card],
  }
  writeFileSync(join(folder, 'verdict.json'), JSON.stringify({ outcome: 'pass', figures }))
  writeFileSync(
    join(folder, 'receipts.json'),
    JSON.stringify([{ kind: 'kill', on: 'comfyui', name: 'kill of comfyui' }]),
  )
  const ready = { type: 'service', service: 'comfyui', implementation: 'twin' }
  writeFileSync(join(folder, 'history.ndjson'), `${JSON.stringify(ready)}\n`)
  const perSuite = { recovery: { ...total }, e2e: { ...total, passed: 0, failed: 0 } }
  const outcome: TestOutcome = {
    total,
    perSuite,
    errors: 0,
    runs: [{ scenario: 'A4', engine: 'docker', folder }],
  }

  const lines = tenLines(outcome, setting)
  expect(lines).toHaveLength(10)
  expect(lines[1]).toBe('Squall: PASS in 61 s: 2 passed, 0 failed (recovery 2/2, e2e 0/0)')
  expect(lines[3]).toContain('comfyui twin')
  expect(lines[4]).toContain('kill of comfyui (A4, docker)')
  expect(lines[5]).toContain(
    'A4 docker: noticed 30 ms, healthy 555 ms and first job ok 1382 ms after the heal',
  )
  expect(lines[6]).toContain('12 handed in, 11 ended well, 1 lost or unknown')
})

test('a test run in which nothing passed is no pass', () => {
  const outcome: TestOutcome = { total: { ...total, passed: 0 }, perSuite: {}, errors: 0, runs: [] }
  const lines = tenLines(outcome, { ...setting, engine: 'process', reason: 'no Docker socket was found' })
  expect(lines).toHaveLength(10)
  expect(lines[1]).toContain('Squall: FAIL')
  expect(lines[2]).toContain('process: no Docker socket was found')
})

test('dozens of runs still make ten lines that fit, A4 before F, and an expected failure is not pointed at', ({
  onTestFinished,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'squall-ten-lines-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const card = { isOutage: true, detectMs: 1, healthyMs: 2, firstOkMs: 3 }
  const figures = {
    operations: { begun: 1, ok: 1, fail: 0, info: 0 },
    recoveries: [card, { isOutage: false, firstOkMs: 4 }],
  }
  writeFileSync(join(folder, 'verdict.json'), JSON.stringify({ outcome: 'unknown', figures }))
  writeFileSync(join(folder, 'receipts.json'), JSON.stringify([{ kind: 'kill', on: 'x', name: 'kill of x' }]))
  writeFileSync(join(folder, 'history.ndjson'), '')
  const runs = ['F one', 'F two', 'F three', 'A4 last'].map((scenario) => ({
    scenario,
    engine: 'docker',
    folder,
  }))
  const lines = tenLines({ total, perSuite: {}, errors: 0, runs }, setting)
  expect(lines[4]).toBe(
    '  broken     kill of x (A4, docker); kill of x (F, docker); kill of x (F, docker); and 1 more',
  )
  expect(lines[5]).toMatch(/^ {2}recovered {2}A4 docker: noticed 1 ms.*; and 1 more$/)
  expect(lines.join('\n')).not.toContain('never')
  expect(lines[8]).toMatch(/^ {2}evidence {3}4 run folders/)
  const failed = tenLines({ total: { ...total, failed: 1 }, perSuite: {}, errors: 0, runs }, setting)
  expect(failed[8]).toContain('look at ')
})
