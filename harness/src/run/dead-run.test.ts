/** What a reaper did for a run whose harness died lies with the evidence of that run, and replaying it says so. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newRunId } from '../environment/contract-watch.ts'
import { deliverReport, noteEvidenceFolder, reportFolder, reportName } from '../environment/reaper-reports.ts'
import { replayRun } from './replay.ts'

test('the report of a reaper comes to the folder of its run once, and a replay tells it', ({
  onTestFinished,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'dead-run-'))
  const runId = newRunId()
  const path = join(reportFolder(), reportName(runId))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
    rmSync(path, { force: true })
  })
  writeFileSync(join(folder, 'machine.json'), JSON.stringify({ runId }))
  noteEvidenceFolder(runId, folder)
  expect(() => replayRun(folder)).toThrow('no reaper has told anything yet')
  const healed = [{ undo: 'unpause comfyui', outcome: 'healed', tookMs: 3 }]
  const reaped = {
    run: runId,
    engine: 'docker',
    at: 'now',
    why: 'the harness was gone',
    healed,
    removed: [],
    tookMs: 9,
  }
  writeFileSync(path, JSON.stringify(reaped))
  expect(() => replayRun(folder)).toThrow(
    /ended before there was a verdict; reaped .* healed unpause comfyui \(healed\)/,
  )
  expect(JSON.parse(readFileSync(join(folder, 'reaped.json'), 'utf8'))).toEqual(reaped)
  expect(existsSync(join(reportFolder(), `${runId}.folder`))).toBe(false)
})

test('a folder that is gone takes nobody’s report away', ({ onTestFinished }) => {
  const runId = newRunId()
  const path = join(reportFolder(), reportName(runId))
  onTestFinished(() => rmSync(path, { force: true }))
  noteEvidenceFolder(runId, join(tmpdir(), 'no-such-folder', runId))
  writeFileSync(path, '{"run":"x"}')
  deliverReport(runId)
  expect(readFileSync(path, 'utf8')).toBe('{"run":"x"}')
})
