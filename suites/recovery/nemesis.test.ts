/**
 * The nemesis over a whole stack: harm in order and again and again, drawn from the seed; limits of a container; and a
 * run that is stopped because it has seen enough.
 */
import { defineExperiment } from '@squall/harness'
import { engines, expectPass, test } from '@squall/harness/vitest'
import { reference } from '@squall/subjects'
import { describe, expect } from 'vitest'

const twins = { comfyui: 'twin', litellm: 'twin', wan2gp: 'twin' } as const

describe('process engine', () => {
  test('D crowds at one service after the other, whichever the seed says, then a restart', async ({
    run,
  }) => {
    const experiment = defineExperiment({
      title: 'D crowds',
      seed: 4,
      topology: twins,
      workload: { kind: 'closed-loop', users: 3, jobsPerUser: 14, mix: ['image', 'text', 'video'] },
      blastRadiusMax: 1,
      faults: [
        {
          when: { everyMs: 600, fromMs: 200, times: 3 },
          forMs: 500,
          on: 'one',
          fault: { kind: 'connections', count: 100 },
        },
        {
          when: { afterStep: 0, delayMs: 300 },
          forMs: 5000,
          on: 'comfyui',
          fault: { kind: 'restart', delayMs: 900 },
        },
      ],
    })
    const options = { engine: 'process', subject: reference, scenario: 'D crowds' } as const
    expectPass(await run(experiment, options))
  })

  test('D a stop condition ends the run at once, heals, and the run has failed', async ({ run }) => {
    const experiment = defineExperiment({
      title: 'D enough is enough',
      topology: { comfyui: 'twin' },
      workload: { kind: 'closed-loop', users: 2, jobsPerUser: 10, mix: ['image'] },
      faults: [{ when: { jobsRunning: 1 }, forMs: 600_000, on: 'comfyui', fault: { kind: 'kill' } }],
      stopWhen: { unhealthyMs: 500 },
    })
    const options = { engine: 'process', subject: reference, scenario: 'D stop condition' } as const
    const result = await run(experiment, options)
    expect(result).toMatchObject({ status: 'stopped', outcome: 'fail' })
    expect(result.problem).toMatch(/^(comfyui|system) was unhealthy for \d+ ms$/)
    const told = result.history.flatMap((event) => (event.type === 'fault' ? [event.what] : []))
    expect(told).toEqual(['waiting', 'intent', 'active', 'healing', 'healed'])
  })
})

describe.each(engines.filter((engine) => engine === 'docker'))('%s engine', (engine) => {
  test('D little processor time, then killed for lack of memory', async ({ run }) => {
    const experiment = defineExperiment({
      title: 'D starved',
      seed: 2,
      topology: { comfyui: 'twin' },
      workload: { kind: 'closed-loop', users: 4, jobsPerUser: 8, mix: ['image'] },
      faults: [
        { when: { jobsRunning: 1 }, forMs: 1000, on: 'comfyui', fault: { kind: 'cpu', cpus: 0.05 } },
        {
          when: { afterStep: 0, delayMs: 200 },
          forMs: 1500,
          on: 'comfyui',
          fault: { kind: 'memory' },
        },
      ],
    })
    expectPass(await run(experiment, { engine, subject: reference, scenario: 'D starved' }))
  })
})
