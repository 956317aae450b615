/**
 * F: public failures of ComfyUI, each played at the edge of the protocol where it was reported. Whatever the server
 * forgets to say, no job may be lost. The twin's own tests show that each fault looks to a client as in the report.
 */
import { defineExperiment, type ExperimentInput } from '@squall/harness'
import { engines, expectPass, test } from '@squall/harness/vitest'
import { reference } from '@squall/subjects'
import { describe, expect } from 'vitest'

type Step = NonNullable<ExperimentInput['faults']>[number]
type Action = Extract<Step['fault'], { kind: 'protocol' }>['action']

/** A fault at one of ComfyUI's points, from the first running job on. */
function at(point: string, action: Action, more: Partial<Step> = {}): Step {
  const fault = { kind: 'protocol', point, action } as const
  return { when: { jobsRunning: 1 }, forMs: 2500, on: 'comfyui', fault, ...more }
}

function experiment(title: string, ...faults: readonly Step[]) {
  return defineExperiment({
    title,
    seed: 11,
    topology: { comfyui: 'auto' },
    workload: { kind: 'closed-loop', users: 3, jobsPerUser: 3, mix: ['image'] },
    faults: [...faults],
  })
}

/** A client that reconnects at once works on under the fault; it must be over before the last job is. */
const brief = { forMs: 500 } as const

const incidents: Readonly<Record<string, readonly Step[]>> = {
  'ComfyUI#8395 the end of a prompt is never told': [
    at('comfyui.ws.executing-null', { kind: 'drop' }),
    at('comfyui.ws.execution-success', { kind: 'drop' }),
  ],
  'ComfyUI#9393 the socket stays open and silent': [at('comfyui.ws.*', { kind: 'stall' })],
  'ComfyUI#7033 the socket dies in mid prompt': [at('comfyui.ws.executing', { kind: 'reset' }, brief)],
  'ComfyUI#15240 events stop for everybody': [at('comfyui.ws.publisher', { kind: 'stall' })],
  'ComfyUI#11540 the history comes after execution_success': [
    at('comfyui.history.write', { kind: 'delay', ms: 400 }),
  ],
  'worker-comfyui#113 the socket dies between submit and first event': [
    at('comfyui.ws.execution-start', { kind: 'close' }, brief),
  ],
}

describe('process engine', () => {
  test.for(Object.entries(incidents))('F %s', async ([name, faults], { run }) => {
    const verdict = await run(experiment(`F ${name}`, ...faults), {
      engine: 'process',
      subject: reference,
      scenario: `F ${name}`,
    })
    expectPass(verdict)
  })

  test('F a fault that is never met leaves the run unknown', async ({ run }) => {
    const fault = { kind: 'protocol', point: 'comfyui.ws.logs', action: { kind: 'drop' } } as const
    const never = experiment('F never met', { ...at('comfyui.ws.logs', { kind: 'drop' }), forMs: 100, fault })
    const { verdict } = await run(never, { engine: 'process', subject: reference, scenario: 'F never met' })
    expect(verdict?.outcome).toBe('unknown')
    expect(JSON.stringify(verdict)).toContain('drop at comfyui.ws.logs: bit 0 times')
  })
})

describe.each(engines)('%s engine', (engine) => {
  test('F ComfyUI#13512 killed with a full queue, at the third step of a sampler', async ({ run }) => {
    const crash = at(
      'comfyui.gpu.step',
      { kind: 'crash' },
      { when: { jobsRunning: 1, jobsQueued: 2 }, forMs: 1000 },
    )
    const fault = { ...crash.fault, when: { nth: 3 } } as Step['fault']
    const verdict = await run(experiment('F ComfyUI#13512 killed with a full queue', { ...crash, fault }), {
      engine,
      subject: reference,
      scenario: 'F ComfyUI#13512',
    })
    expectPass(verdict)
  })
})
