/** A8 side by side: two runs at once on one machine, each with faults of its own. Neither sees the other's. */
import { defineExperiment, type ExperimentInput } from '@squall/harness'
import { engines, expectPass, test } from '@squall/harness/vitest'
import { reference } from '@squall/subjects'
import { describe, expect } from 'vitest'

type Step = NonNullable<ExperimentInput['faults']>[number]

function experiment(title: string, seed: number, faults: Step[]) {
  return defineExperiment({
    title,
    seed,
    topology: { comfyui: 'auto' },
    timeScale: 0.1,
    workload: { kind: 'closed-loop', users: 3, jobsPerUser: 2, mix: ['image'] },
    faults,
  })
}

const killed = experiment('A8 killed', 81, [
  { when: { jobsRunning: 1 }, forMs: 1000, on: 'comfyui', fault: { kind: 'kill' } },
])
/** Nothing may happen to this one but a fault that a client survives without a trace. */
const slowed = experiment('A8 slowed', 82, [
  {
    when: { jobsRunning: 1 },
    forMs: 1500,
    on: 'comfyui',
    fault: { kind: 'protocol', point: 'comfyui.ws.*', action: { kind: 'delay', ms: 20 } },
  },
])

describe.each(engines)('%s engine', (engine) => {
  test('A8 two runs at once, each with faults', async ({ run }) => {
    const options = { engine, subject: reference, scenario: 'A8 side by side' } as const
    const [one, other] = await Promise.all([run(killed, options), run(slowed, options)])
    expectPass(one)
    expectPass(other)
    for (const result of [one, other]) expect(result.clean).toMatchObject({ clean: true, left: [], lost: [] })
    // Each saw the other come or go, and knew that it was not its own.
    expect(one.clean.foreign + other.clean.foreign).toBeGreaterThan(0)
    // The kill of the one was no failure of the other, and every job of it was handed in once.
    expect(other.verdict.figures.operations).toMatchObject({ begun: 6, ok: 6 })
    const resubmitted = other.history.filter(
      (event) => event.type === 'operation' && event.what === 'accepted',
    )
    expect(resubmitted).toHaveLength(6)
  })
})
