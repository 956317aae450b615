/**
 * The connections of the services are harmed in a proxy before them: A5 (everything takes 500 ms longer) on the rung of
 * the process engine, C2 (a reset in the middle of a download), B4 (a WebSocket that is open and silent).
 */
import { defineExperiment, type RunResult } from '@squall/harness'
import { engines, expectPass, test } from '@squall/harness/vitest'
import { reference } from '@squall/subjects'
import { describe, expect } from 'vitest'

/** Enough jobs that some end after the heal. */
const common = {
  topology: { comfyui: 'twin' as const },
  timeScale: 0.1,
  workload: { kind: 'closed-loop' as const, users: 2, jobsPerUser: 8, mix: ['image' as const] },
}

const slow = defineExperiment({
  ...common,
  title: 'A5 500 ms by a link',
  seed: 51,
  faults: [
    {
      when: { afterMs: 0 },
      forMs: 6000,
      on: 'comfyui',
      fault: { kind: 'network', impair: 'delay 500ms direction out' },
    },
  ],
})

const resetDownload = defineExperiment({
  ...common,
  title: 'C2 connections reset in mid download',
  seed: 52,
  faults: [
    {
      when: { jobsRunning: 1 },
      forMs: 3000,
      on: 'comfyui',
      fault: { kind: 'link', direction: 'down', reset: { afterBytes: 4000 } },
    },
  ],
})

const silentSocket = defineExperiment({
  ...common,
  title: 'B4 a WebSocket that is open and silent',
  seed: 53,
  faults: [
    {
      when: { jobsRunning: 1 },
      forMs: 7000,
      on: 'comfyui',
      fault: { kind: 'link', stall: {}, connections: 'open' },
    },
  ],
})

const resetUpstream = defineExperiment({
  title: 'A7 connections of the gateway to its upstream are reset',
  seed: 54,
  topology: { comfyui: 'twin', litellm: 'twin' },
  timeScale: 0.1,
  workload: { kind: 'closed-loop', users: 4, jobsPerUser: 6, mix: ['image', 'text'] },
  faults: [
    {
      when: { jobsDone: 1 },
      forMs: 2500,
      on: 'litellm',
      fault: { kind: 'link', toward: 'upstream', reset: {} },
    },
  ],
  // Text jobs of that time are lost, as their users are told.
  checks: ['makes-progress', 'recovers-within', 'fault-was-felt'],
})

describe.runIf(engines.includes('process'))('process engine', () => {
  const options = { engine: 'process', subject: reference } as const

  test('A5 500 ms more, on rung link', async ({ run }) => {
    const result = await run(slow, { ...options, scenario: 'A5 slow network' })
    expectPass(result)
    expect(receiptsOf(result)).toEqual([expect.objectContaining({ bit: true, rung: 'link' })])
  })

  test('C2 a reset in mid download', async ({ run }) => {
    const result = await run(resetDownload, { ...options, scenario: 'C2 reset in mid download' })
    expectPass(result)
    expect(receiptsOf(result)[0]?.evidence).toMatch(/\d+ reset/)
  })

  test('B4 a WebSocket that is open and silent', async ({ run }) => {
    const result = await run(silentSocket, { ...options, scenario: 'B4 a silent WebSocket' })
    expectPass(result)
    expect(receiptsOf(result)[0]?.evidence).toMatch(/streams stalled/)
  })

  test('A7 the gateway is reset by its upstream, and tells so itself', async ({ run }) => {
    const result = await run(resetUpstream, { ...options, scenario: 'A7 reset upstream' })
    expectPass(result)
    expect(receiptsOf(result)).toEqual([
      expect.objectContaining({
        bit: true,
        rung: 'link',
        evidence: expect.stringMatching(/^reset.*: [1-9]\d* connections struck, [1-9]\d* reset$/),
      }),
    ])
    const lost = result.history.flatMap((event) =>
      event.type === 'operation' && (event.what === 'info' || event.what === 'fail') ? [event] : [],
    )
    expect(lost.length).toBeGreaterThan(0)
    for (const { op, error } of lost) {
      // An answer of the gateway: the connections of its clients are whole.
      expect([op, error.class, error.message]).toEqual([
        op,
        'server',
        expect.stringContaining('Connection error'),
      ])
      expect(kindOf(result, op)).toBe('text')
    }
    expect(result.history.some((event) => event.type === 'health' && event.state === 'UNHEALTHY')).toBe(false)
  })
})

function kindOf({ history }: RunResult, op: string): string | undefined {
  return history.flatMap((event) =>
    event.type === 'operation' && event.what === 'invoke' && event.op === op ? [event.kind] : [],
  )[0]
}

/** Of the faults that were healed. */
function receiptsOf({ history }: RunResult) {
  return history.flatMap((event) =>
    event.type === 'fault' && event.what === 'healed' && event.receipt ? [event.receipt] : [],
  )
}
