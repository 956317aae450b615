/**
 * A4 crash recovery: ComfyUI is killed with one job running and others queued. It loses its queue and history, as
 * the real one does. The client notices within one health interval, the backend returns, the client finds it
 * HEALTHY within 10 s, operations resume, and every job the client accepted ends exactly once.
 */
import { defineExperiment } from '@squall/harness'
import { engines, expectPass, test } from '@squall/harness/vitest'
import { reference } from '@squall/subjects'
import { describe, expect } from 'vitest'

const healthIntervalMs = 500

const experiment = defineExperiment({
  title: 'A4 comfyui killed mid-job',
  seed: 4,
  topology: { comfyui: 'auto' },
  timeScale: 0.1,
  healthIntervalMs,
  workload: { kind: 'closed-loop', users: 6, jobsPerUser: 2, mix: ['image'] },
  faults: [
    {
      when: { jobsRunning: 1, jobsQueued: 4 },
      forMs: 1500,
      on: 'comfyui',
      fault: { kind: 'kill', signal: 'SIGKILL' },
    },
  ],
  budgets: { recoveryMsMax: 10_000, detectionMsMax: healthIntervalMs, operationMsMax: 30_000 },
})

describe.each(engines)('%s engine', (engine) => {
  test('A4 crash recovery', async ({ run }) => {
    const result = await run(experiment, { engine, subject: reference, scenario: 'A4 crash recovery' })
    expectPass(result)
    expect(result.verdict.figures.operations).toEqual({ begun: 12, ok: 12, fail: 0, info: 0 })
    // The effect of the fault, from outside: jobs were under way when it struck, and had to be handed in again.
    const [recovery] = result.verdict.figures.recoveries
    expect(recovery?.operationsHit).toBeGreaterThanOrEqual(5)
    expect(result.history.some((event) => event.type === 'job' && event.what === 'resubmitted')).toBe(true)
  })
})
