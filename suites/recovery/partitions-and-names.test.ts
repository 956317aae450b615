/**
 * C2: nobody reaches ComfyUI, and what is open falls silent. A7: the gateway reaches what stands behind it neither over
 * the connections that it has nor by name, while everything else works. Struck in the network of that one service.
 */
import { defineExperiment, type FaultSpec } from '@squall/harness'
import { engines, expectPass, test } from '@squall/harness/vitest'
import { reference } from '@squall/subjects'
import { describe, expect } from 'vitest'

type Result = Parameters<typeof expectPass>[0]

const detectionMsMax = 6000

const cutOff = defineExperiment({
  title: 'C2 comfyui cut off from everybody',
  seed: 21,
  topology: { comfyui: 'twin' },
  timeScale: 0.1,
  workload: { kind: 'closed-loop', users: 3, jobsPerUser: 2, mix: ['image'] },
  faults: [
    {
      when: { jobsRunning: 1 },
      // A probe that is not answered is given up after 3 s.
      forMs: 4500,
      on: 'comfyui',
      fault: { kind: 'partition', from: 'everybody', how: 'drop' },
    },
  ],
  budgets: { detectionMsMax },
})

const withoutUpstream = defineExperiment({
  title: 'A7 the upstream of the gateway is out of reach',
  seed: 22,
  topology: { comfyui: 'twin', litellm: 'twin' },
  timeScale: 0.1,
  workload: { kind: 'closed-loop', users: 4, jobsPerUser: 8, mix: ['image', 'text'] },
  faults: [
    {
      when: { jobsDone: 1 },
      forMs: 3000,
      on: 'litellm',
      fault: { kind: 'dns', names: ['upstream'], failure: 'nxdomain' },
    },
    // A gateway asks for no name as long as it has connections; this takes them away.
    {
      when: { event: { type: 'fault', what: 'active', kind: 'dns' } },
      forMs: 1200,
      on: 'litellm',
      fault: { kind: 'partition', from: ['upstream'], how: 'reject' },
    },
  ],
  // Whose answer was cut off hears nothing, and would wait for half a minute.
  budgets: { operationMsMax: 6000 },
  // Text jobs of that time are lost, as their users are told.
  checks: ['makes-progress', 'recovers-within', 'fault-was-felt'],
})

describe.each(engines.filter((engine) => engine === 'docker'))('%s engine', (engine) => {
  test('C2 nobody reaches ComfyUI: noticed, waited for, nothing lost', async ({ run }) => {
    const result = await run(cutOff, { engine, subject: reference, scenario: 'C2 network interruption' })
    expectPass(result)
    const { operations, recoveries } = result.verdict.figures
    expect(operations).toEqual({ begun: 6, ok: 6, fail: 0, info: 0 })
    // Nothing came back until the heal, although everybody held open connections.
    const { activeAt, healingAt } = windowOf(result, 'partition')
    expect(endsOf(result, 'image').filter(({ at }) => at > activeAt && at < healingAt)).toEqual([])
    expect(recoveries[0]?.operationsHit).toBeGreaterThanOrEqual(3)
    expect(recoveries[0]?.detectMs).toBeLessThanOrEqual(detectionMsMax)
    expect(receiptOf(result, 'partition')).toMatchObject({
      bit: true,
      rung: 'nftables',
      evidence: expect.stringMatching(
        /^drop both everybody: [1-9]\d* packets in and [1-9]\d* out refused in \d+ ms$/,
      ),
    })
  })

  test('A7 the gateway cannot reach its upstream: the others work, and the client is told why', async ({
    run,
  }) => {
    const options = { engine, subject: reference, scenario: 'A7 partial failure' } as const
    const result = await run(withoutUpstream, options)
    expectPass(result)
    const images = endsOf(result, 'image')
    expect(images).toHaveLength(16)
    expect(images.filter(({ what }) => what !== 'ok')).toEqual([])
    // From the end of the cut on only the name is missing.
    const from = windowOf(result, 'partition').healingAt
    const until = windowOf(result, 'dns').healingAt
    expect(images.some(({ at }) => at > from && at < until)).toBe(true)
    const texts = endsOf(result, 'text').filter(({ at }) => at > from && at < until)
    expect(texts.length).toBeGreaterThan(0)
    for (const { what, error } of texts) {
      expect(what).toBe('info')
      expect(error?.class).toBe('server')
      expect(error?.message).toContain('Connection error')
    }
    expect(receiptOf(result, 'dns')).toMatchObject({
      bit: true,
      evidence: expect.stringMatching(
        /^nxdomain for upstream: [1-9]\d* questions failed, 0 unanswered, 0 late/,
      ),
    })
    expect(receiptOf(result, 'partition')).toMatchObject({
      bit: true,
      evidence: expect.stringMatching(/^reject both [\d.]+: \d+ packets in and [1-9]\d* out refused/),
    })
  })
})

function endsOf({ history }: Result, kind: 'image' | 'text') {
  const ops = new Set(
    history.flatMap((event) =>
      event.type === 'operation' && event.what === 'invoke' && event.kind === kind ? [event.op] : [],
    ),
  )
  return history.flatMap((event) => {
    if (event.type !== 'operation' || !('op' in event) || !ops.has(event.op)) return []
    if (event.what === 'invoke' || event.what === 'accepted') return []
    return [{ at: event.at, what: event.what, ...(event.what !== 'ok' && { error: event.error }) }]
  })
}

/** When the only fault of this kind was in force. */
function windowOf({ history }: Result, kind: FaultSpec['kind']) {
  const at = (what: string): number =>
    history.find((event) => event.type === 'fault' && event.kind === kind && event.what === what)?.at ??
    Number.NaN
  return { activeAt: at('active'), healingAt: at('healing') }
}

function receiptOf({ history }: Result, kind: FaultSpec['kind']) {
  return history.flatMap((event) =>
    event.type === 'fault' && event.kind === kind && event.what === 'healed' ? [event.receipt] : [],
  )[0]
}
