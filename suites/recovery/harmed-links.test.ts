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
})

/** Of the faults that were healed. */
function receiptsOf({ history }: RunResult) {
  return history.flatMap((event) =>
    event.type === 'fault' && event.what === 'healed' && event.receipt ? [event.receipt] : [],
  )
}
