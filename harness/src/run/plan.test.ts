import { expect, test } from 'vitest'
import { defineExperiment } from '../spec/validate.ts'
import { planLines, planOf } from './plan.ts'

const experiment = defineExperiment({
  title: 'a plan',
  seed: 3,
  topology: { comfyui: 'auto', litellm: 'twin', wan2gp: 'twin' },
  workload: { kind: 'closed-loop', users: 1, jobsPerUser: 1, mix: ['image'] },
  faults: [
    { when: { everyMs: 1000, times: 3 }, forMs: 100, on: 'one', fault: { kind: 'pause' } },
    { when: { afterStep: 0, delayMs: 50 }, forMs: 500, on: 'all', fault: { kind: 'connections', count: 9 } },
  ],
})

test('says whom, when and by which means, and the seed decides whom', () => {
  const plan = planOf(experiment, 'process', {})
  expect(plan.steps[0]?.rounds).toHaveLength(3)
  expect(plan.steps[0]?.rounds.every((targets) => targets.length === 1)).toBe(true)
  expect(plan.steps[1]?.rounds).toEqual([['comfyui', 'litellm', 'wan2gp']])
  expect(planLines(plan)[2]).toBe(
    '  1  50 ms after step 0 is healed: connections of all for 500 ms, hits comfyui + litellm + wan2gp (side client)',
  )
  expect(planOf(experiment, 'process', {})).toEqual(plan)
  const seeds = [3, 4, 5, 6, 7].map((seed) => planOf({ ...experiment, seed }, 'process', {}).steps[0]?.rounds)
  expect(new Set(seeds.map((rounds) => JSON.stringify(rounds))).size).toBeGreaterThan(1)
})

test('what the environment says runs elsewhere is no candidate', () => {
  const plan = planOf(experiment, 'process', { SQUALL_COMFYUI_URL: 'http://gpu:8188' })
  expect(plan.services['comfyui']).toBe('url http://gpu:8188')
  expect(plan.steps[1]?.rounds).toEqual([['litellm', 'wan2gp']])
})

test('what the engine cannot do is refused with the place and the reason', () => {
  const fault = { kind: 'cpu', cpus: 1 } as const
  const limited = {
    ...experiment,
    faults: [{ when: { afterMs: 0 }, forMs: 1, on: 'comfyui' as const, fault }],
  }
  expect(() => planOf(limited, 'process', {})).toThrow(
    'faults.0.fault: cpu cannot be done on the process engine: child processes have no control group',
  )
  expect(planOf(limited, 'docker', {}).steps[0]?.rung).toBe('control group')
})

test('a proxy toward the upstream is refused where containers cannot reach it', () => {
  const fault = { kind: 'link', toward: 'upstream', stall: {} } as const
  const linked = defineExperiment({
    ...experiment,
    faults: [{ when: { afterMs: 0 }, forMs: 1, on: 'litellm', fault }],
  })
  expect(() => planOf(linked, 'docker', {})).toThrow(
    'faults.0.fault: containers cannot reach a proxy on the loopback of this machine; use a network fault',
  )
  expect(planOf(linked, 'process', {}).steps[0]?.rung).toBe('link')
})
