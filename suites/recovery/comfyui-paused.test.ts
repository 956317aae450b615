/** B4: a server that is frozen keeps its sockets open and silent. The client notices, waits, and loses nothing. */
import { defineExperiment } from '@squall/harness'
import { engines, expectPass, test } from '@squall/harness/vitest'
import { reference } from '@squall/subjects'
import { describe } from 'vitest'

const experiment = defineExperiment({
  title: 'B4 comfyui frozen mid-job',
  seed: 5,
  topology: { comfyui: 'auto' },
  timeScale: 0.1,
  workload: { kind: 'closed-loop', users: 3, jobsPerUser: 2, mix: ['image'] },
  faults: [{ when: { jobsRunning: 1 }, forMs: 7000, on: 'comfyui', fault: { kind: 'pause' } }],
  budgets: { recoveryMsMax: 10_000, detectionMsMax: 6000 },
})

describe.each(engines)('%s engine', (engine) => {
  test('B4 an open and silent socket is not alive', async ({ run }) => {
    expectPass(await run(experiment, { engine, subject: reference, scenario: 'B4 connection validation' }))
  })
})
