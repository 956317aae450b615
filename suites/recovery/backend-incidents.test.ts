/**
 * F: public failures of LiteLLM and Wan2GP. The upstream is broken behind the gateway, also where the gateway is the
 * real one: what a client sees is then what LiteLLM makes of it.
 */
import { defineExperiment } from '@squall/harness'
import { engines, expectPass, test } from '@squall/harness/vitest'
import { reference } from '@squall/subjects'
import { describe, expect } from 'vitest'

const rateLimited = defineExperiment({
  title: 'F LiteLLM 429 from the provider, with retry-after',
  seed: 3,
  topology: { litellm: 'auto' },
  workload: { kind: 'closed-loop', users: 3, jobsPerUser: 4, mix: ['text'] },
  faults: [
    {
      when: { jobsDone: 1 },
      forMs: 1500,
      on: 'litellm',
      fault: {
        kind: 'protocol',
        point: 'openai.generation.start',
        action: { kind: 'fail', as: 'rate-limit-wait' },
      },
    },
  ],
})

const diesMidDenoise = defineExperiment({
  title: 'F Wan2GP#1253 the process dies in mid denoise',
  seed: 3,
  topology: { wan2gp: 'auto' },
  workload: { kind: 'closed-loop', users: 2, jobsPerUser: 2, mix: ['video'] },
  faults: [
    {
      when: { jobsRunning: 1 },
      forMs: 1500,
      on: 'wan2gp',
      fault: { kind: 'protocol', point: 'wan2gp.gpu.denoise', action: { kind: 'crash' }, when: { nth: 3 } },
    },
  ],
})

describe.each(engines)('%s engine', (engine) => {
  test('F LiteLLM: a client that obeys Retry-After loses nothing to a rate limit', async ({ run }) => {
    expectPass(await run(rateLimited, { engine, subject: reference, scenario: 'F LiteLLM rate limit' }))
  })
})

describe('process engine', () => {
  // The reference client cannot take up a video whose stream broke; the verdict must say so, job by job.
  test('F Wan2GP#1253: jobs that died with the process are named as lost', async ({ run }) => {
    const result = await run(diesMidDenoise, {
      engine: 'process',
      subject: reference,
      scenario: 'F Wan2GP#1253',
    })
    expect(result.outcome).toBe('fail')
    const lost = result.verdict?.checks.find(({ check }) => check === 'no-lost-jobs')
    expect(lost).toMatchObject({
      outcome: 'fail',
      reason: expect.stringMatching(/^of 4 accepted jobs: \d lost/) as string,
    })
    expect(
      result.verdict?.checks.filter(({ outcome }) => outcome !== 'pass').map(({ check }) => check),
    ).toEqual(['no-lost-jobs'])
  })
})
