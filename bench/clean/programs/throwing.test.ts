/**
 * A test of somebody who uses the fixtures: it plays an experiment and throws THROW_AFTER_MS after the first fault
 * had its turn, while others are in force. What the run made is the fixtures' to remove.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { defineExperiment, type EngineKind, type ExperimentInput } from '@squall/harness'
import { test } from '@squall/harness/vitest'
import { reference } from '@squall/subjects'
import { pause } from '../../clock.ts'
import { faultsBegan } from '../faults-began.ts'

test('throws while faults are in force', async ({ run }) => {
  const engine = process.env['ENGINE'] as EngineKind
  const experiment = JSON.parse(readFileSync(process.env['PLAN'] ?? '', 'utf8')) as ExperimentInput
  const running = run(defineExperiment(experiment), { engine, subject: reference, scenario: 'clean' })
  running.catch(() => undefined)
  await faultsBegan(process.cwd(), () => false)
  await pause(Number(process.env['THROW_AFTER_MS']))
  writeFileSync('thrown', '')
  throw new Error('an exception in a test')
})
