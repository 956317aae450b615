/**
 * Tests of the repository in User Mode Linux, started there by `uml.ts`: `node uml-tests.ts PROJECT FILE...`. Prints
 * as JSON what became of each test, and the receipts of network faults in the runs that they made.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { prepareImages } from '@squall/harness'
import { startVitest, type TestCase } from 'vitest/node'
import type { Receipt } from '../../netem/src/agent/receipt.ts'
import { type Row, rounded } from './figures.ts'

/** Starting programs takes ten times as long there as elsewhere. */
const testMsMax = 10 * 60_000

const [project = 'unit', ...files] = process.argv.slice(2)
if (project !== 'unit') {
  const log = (line: string) => process.stderr.write(`${line}\n`)
  // No stack with a LiteLLM is brought up; building it takes a network.
  await prepareImages(
    { ...process.env, SQUALL_LITELLM_URL: 'http://127.0.0.1:1' },
    { progress: log, warn: log },
  )
}
const vitest = await startVitest(
  'test',
  files,
  {
    watch: false,
    project: [project],
    reporters: ['verbose'],
    testTimeout: testMsMax,
    hookTimeout: testMsMax,
  },
  {},
  { stdout: process.stderr },
)
const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()])
const errors = vitest.state.getUnhandledErrors().length
await vitest.close()
console.log(JSON.stringify({ tests: tests.map(testRow), errors, receipts: tests.flatMap(receiptsOf) }))
process.exitCode = errors === 0 && tests.length > 0 && tests.every(isPassed) ? 0 : 1

function isPassed(test: TestCase): boolean {
  return test.result().state === 'passed'
}

function testRow(test: TestCase): Row {
  const { state, errors: failures = [] } = test.result()
  return {
    test: test.name,
    result: state,
    seconds: rounded((test.diagnostic()?.duration ?? 0) / 1000, 1),
    why: failures.map(({ message }) => message.split('\n')[0]).join('; '),
  }
}

/** What the shapers counted, from the histories that the runs have left. */
function receiptsOf(test: TestCase): Row[] {
  const folders = (test.meta().squallRuns ?? []).map(({ folder }) => folder)
  return folders.flatMap((folder) =>
    readFileSync(path.join(folder, 'history.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as HistoryLine)
      .flatMap(({ what, receipt }) => (what === 'healed' ? (receipt?.packets ?? []) : []))
      .map(({ rung, impairments, before, after, failsOpen }) => ({
        test: test.name,
        rung,
        'in force': impairments.join(', '),
        seen: after.seen - before.seen,
        lost: after.lost - before.lost,
        'fails open': String(failsOpen),
      })),
  )
}

type HistoryLine = { readonly what: string; readonly receipt?: { readonly packets?: readonly Receipt[] } }
