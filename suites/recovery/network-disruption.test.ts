/**
 * A5: a network that is half a second slower, and one that loses half of its packets. They are struck in the backend's
 * own network, so the client, which comes in over the published port, sees what it would see from another machine.
 * Whichever rung the machine has does it; for the kernel's netem on a machine without, `bench/netem-tests.ts`.
 */
import { defineExperiment, type ExperimentInput } from '@squall/harness'
import { engines, expectPass, test } from '@squall/harness/vitest'
import { reference } from '@squall/subjects'
import { describe, expect } from 'vitest'

type Result = Parameters<typeof expectPass>[0]

/**
 * Of the machine. Where it takes seconds to bring a fault into force, jobs are more and longer, so that some are left
 * after the heal; and whoever waits for eight of them waits longer.
 */
const slowness = Number(process.env['SQUALL_TEST_SLOWNESS'] ?? 1)

/** ComfyUI under this impairment, from its first running job on. */
function experiment(title: string, impair: string, more: Partial<ExperimentInput>) {
  return defineExperiment({
    title,
    seed: 3,
    topology: { comfyui: 'twin' },
    timeScale: 0.1 * slowness,
    // A picture of half a megabyte takes TCP some ten round trips to fetch.
    workload: { kind: 'closed-loop', users: 2, jobsPerUser: 6 * slowness, mix: ['image'] },
    faults: [{ when: { jobsRunning: 1 }, forMs: 12_000, on: 'comfyui', fault: { kind: 'network', impair } }],
    ...more,
  })
}

function operationsIn({ history }: Result) {
  return history.flatMap((event) =>
    event.type === 'operation' && event.what !== 'discovered' ? [event] : [],
  )
}

type Operation = ReturnType<typeof operationsIn>[number]

function endsIn(operations: readonly Operation[]): Exclude<Operation, { what: 'invoke' | 'accepted' }>[] {
  return operations.flatMap((event) => (event.what === 'invoke' || event.what === 'accepted' ? [] : [event]))
}

/** The ends of the operations that lay wholly in the time in which the fault was in force. */
function endsUnder(result: Result) {
  const faultAt = (what: string): number =>
    result.history.find((event) => event.type === 'fault' && event.what === what)?.at ?? Number.NaN
  const within = operationsIn(result).filter(({ at }) => at > faultAt('active') && at < faultAt('healing'))
  const begun = new Set(within.flatMap((event) => (event.what === 'invoke' ? [event.op] : [])))
  return endsIn(within).filter(({ op }) => begun.has(op))
}

function receiptIn({ history }: Result) {
  const healed = history.find((event) => event.type === 'fault' && event.what === 'healed')
  if (healed?.type !== 'fault' || healed.receipt === undefined) throw new Error('nothing was healed')
  return { name: healed.name, ...healed.receipt }
}

describe.each(engines.filter((engine) => engine === 'docker'))('%s engine', (engine) => {
  const options = { engine, subject: reference, scenario: 'A5 network disruption' } as const

  test('A5 half a second more: operations take that much longer, and succeed', async ({ run }) => {
    const title = 'A5 half a second more'
    const result = await run(experiment(title, 'delay 500ms direction out', {}), options)
    expectPass(result)
    const ends = endsUnder(result)
    expect(ends.length).toBeGreaterThan(0)
    for (const end of ends) {
      expect(end.what).toBe('ok')
      expect(end.ms).toBeGreaterThan(500)
    }
    const { name, bit, evidence, packets } = receiptIn(result)
    expect(name).toBe('network of comfyui: delay 500ms direction out')
    expect(bit).toBe(true)
    // With netem before Linux 6.7 it adds: (the kernel takes no seed).
    expect(evidence).toMatch(/^delay 500ms seed \d+ direction out on eth0( \(.*\))?: \d+ packets seen/)
    expect(packets).toHaveLength(1)
    expect(packets?.[0]?.after.lost).toBe(0)
  })

  test('A5 half of the packets: tried again, then success or an error in time, never a hang', async ({
    run,
  }) => {
    const operationMsMax = 6000 * slowness
    const result = await run(
      experiment('A5 half of the packets', 'loss 50%', {
        // Each client has an event socket, and three in four of those fall silent for long enough to be opened anew.
        workload: { kind: 'closed-loop', users: 8, clients: 8, jobsPerUser: 6 * slowness, mix: ['image'] },
        faults: [
          {
            when: { jobsRunning: 1 },
            forMs: 20_000 * slowness,
            on: 'comfyui',
            fault: { kind: 'network', impair: 'loss 50%' },
          },
        ],
        budgets: { operationMsMax },
        // Under such a network the deadline of a job may pass: that it was lost is what the user was told.
        checks: ['makes-progress', 'recovers-within'],
      }),
      options,
    )
    expectPass(result)
    const invoked = operationsIn(result).filter(({ what }) => what === 'invoke')
    const ends = endsIn(operationsIn(result))
    expect(ends).toHaveLength(invoked.length)
    expect(endsUnder(result).length).toBeGreaterThan(0)
    for (const end of ends) {
      expect(end.ms).toBeLessThan(operationMsMax + 1000)
      if (end.what !== 'ok') expect(['network', 'timeout']).toContain(end.error.class)
    }
    const tries = result.history.flatMap((event) =>
      event.type === 'client-stats' ? [event.stats.retries + event.stats.reconnects] : [],
    )
    expect(Math.max(...tries)).toBeGreaterThan(0)
    const { bit, packets } = receiptIn(result)
    expect(bit).toBe(true)
    const { seen = 0, lost = 0 } = packets?.[0]?.after ?? {}
    // Some 200 packets, each lost or not: five standard deviations.
    expect(Math.abs(lost / seen - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / seen))
  })
})
