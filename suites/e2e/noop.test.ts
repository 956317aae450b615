/** A0: the experiment in which nothing is broken. If this does not pass, no other result means anything. */
import { defineExperiment } from '@squall/harness'
import { engines, expectPass, test } from '@squall/harness/vitest'
import { reference } from '@squall/subjects'
import { describe, expect } from 'vitest'

const experiment = defineExperiment({
  title: 'A0 nothing is broken',
  seed: 1,
  topology: { comfyui: 'auto' },
  workload: { kind: 'closed-loop', users: 2, jobsPerUser: 2, mix: ['image'] },
  faults: [{ when: { jobsRunning: 1 }, forMs: 100, on: 'comfyui', fault: { kind: 'noop' } }],
})

describe.each(engines)('%s engine', (engine) => {
  test('A0 the no-op experiment passes and leaves nothing', async ({ run }) => {
    const result = await run(experiment, { engine, subject: reference, scenario: 'A0 nothing is broken' })
    expectPass(result)
    expect(result.verdict.figures.operations).toEqual({ begun: 4, ok: 4, fail: 0, info: 0 })
    expect(result.history.filter((event) => event.type === 'fault').map((event) => event.what)).toEqual([
      'waiting',
      'intent',
      'active',
      'healing',
      'healed',
    ])
  })
})
