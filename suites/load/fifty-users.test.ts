/**
 * A6: 50 users at once, each: discovery, then generation. Success above 95 %, connection reuse above 0.8,
 * connections acquired in less than 100 ms on average, memory and CPU of every service recorded.
 */
import { defineExperiment } from '@squall/harness'
import { engines, expectPass, test } from '@squall/harness/vitest'
import { reference } from '@squall/subjects'
import { describe, expect } from 'vitest'

const experiment = defineExperiment({
  title: 'A6 fifty concurrent users',
  seed: 6,
  topology: { comfyui: 'auto', litellm: 'auto' },
  timeScale: 0.01,
  workload: {
    kind: 'closed-loop',
    users: 50,
    jobsPerUser: 4,
    clients: 1,
    mix: ['image', 'text'],
    discoverFirst: true,
  },
})

describe.each(engines.slice(0, 1))('%s engine', (engine) => {
  test('A6 50 concurrent users', async ({ run }) => {
    const result = await run(experiment, {
      engine,
      subject: reference,
      scenario: 'A6 fifty concurrent users',
    })
    expectPass(result)
    const { figures } = result.verdict
    expect(figures.operations.begun).toBe(200)
    expect(figures.successRate).toBeGreaterThan(0.95)
    expect(figures.connections.reuse).toBeGreaterThan(0.8)
    expect(figures.connections.acquisitionMsMean).toBeLessThan(100)
    for (const service of ['comfyui', 'litellm', 'upstream']) {
      expect(figures.services[service]?.samples, service).toBeGreaterThanOrEqual(2)
      expect(figures.services[service]?.memoryBytesMax, service).toBeGreaterThan(2 ** 20)
      expect(figures.services[service]?.cpuCores, service).toBeGreaterThan(0)
    }
    const discovered = result.history.filter(
      (event) => event.type === 'operation' && event.what === 'discovered',
    )
    expect(discovered).toHaveLength(50)
  })
})
