import { describe, expect, test } from 'vitest'
import { defineExperiment, InvalidExperiment, validateExperiment } from './validate.ts'

const valid = {
  title: 'a',
  topology: { comfyui: 'twin' },
  workload: { kind: 'closed-loop', users: 1, jobsPerUser: 1, mix: ['image'] },
} as const

describe('validateExperiment', () => {
  test('fills in the defaults', () => {
    const experiment = defineExperiment({ ...valid, workload: { ...valid.workload, mix: ['image'] } })
    expect(experiment).toMatchObject({ seed: 1, timeScale: 0.05, faults: [], healthIntervalMs: 500 })
    expect(experiment.budgets.recoveryMsMax).toBe(10_000)
    expect(experiment.workload.clients).toBe(1)
  })

  test.each([
    ['not an object', 42, 'top level'],
    ['no service at all', { ...valid, topology: {} }, 'topology: name at least one service'],
    ['unknown service', { ...valid, topology: { comfyui: 'twin', a1111: 'twin' } }, 'a1111'],
    ['unknown fault kind', withFault({ kind: 'meteor' }), 'faults.0.fault'],
    ['misspelt field', withFault({ kind: 'kill', signl: 'SIGKILL' }), 'signl'],
    ['unknown target', withFault({ kind: 'kill' }, 'a1111'), 'faults.0.on'],
    ['target not in topology', withFault({ kind: 'kill' }, 'wan2gp'), 'wan2gp is not in topology'],
    [
      'work for a service that is missing',
      { ...valid, workload: { ...valid.workload, mix: ['text'] } },
      'litellm',
    ],
    ['negative time', { ...valid, budgets: { recoveryMsMax: -1 } }, 'budgets.recoveryMsMax'],
    ['unknown check', { ...valid, checks: ['no-bugs'] }, 'checks.0'],
    ['no checks on purpose', { ...valid, checks: [] }, 'checks'],
    ['harm to what Squall did not start', harmToStranger(), 'never harmed'],
    ['overlapping faults', overlapping(), 'faults.1: overlaps faults.0'],
    ['unknown fault point', atPoint('comfyui.ws.executing-nil'), 'faults.0.fault.point: no point is called'],
    [
      'impossible action',
      atPoint('comfyui.http.submit', { kind: 'duplicate' }),
      "cannot 'duplicate'; it takes",
    ],
    ['unknown failure', atPoint('comfyui.gpu.step', { kind: 'fail', as: 'fire' }), 'give out-of-memory'],
    ['unknown fact', atPoint('comfyui.http.submit', undefined, { node: '3' }), 'when.match.node: '],
    [
      'point of another service',
      atPoint('comfyui.gpu.step', undefined, undefined, 'litellm'),
      'a point of comfyui',
    ],
  ])('refuses %s, naming the place', (_name, input, place) => {
    expect(() => validateExperiment(input, 'x.yaml')).toThrow(InvalidExperiment)
    expect(() => validateExperiment(input, 'x.yaml')).toThrow(place)
    expect(() => validateExperiment(input, 'x.yaml')).toThrow('Cannot use x.yaml')
  })
})

function withFault(fault: unknown, on = 'comfyui'): unknown {
  return { ...valid, faults: [{ when: { afterMs: 0 }, forMs: 10, on, fault }] }
}

function harmToStranger(): unknown {
  return {
    ...(withFault({ kind: 'kill' }) as object),
    topology: { comfyui: { url: 'http://127.0.0.1:8188' } },
  }
}

function atPoint(point: string, action: object = { kind: 'stall' }, match?: object, on = 'comfyui'): unknown {
  const fault = { kind: 'protocol', point, action, ...(match && { when: { match } }) }
  const topology = { comfyui: 'twin', litellm: 'twin' }
  return { ...valid, topology, faults: [{ when: { afterMs: 0 }, forMs: 1, on, fault }] }
}

function overlapping(): unknown {
  const step = { on: 'comfyui', fault: { kind: 'pause' } }
  return {
    ...valid,
    faults: [
      { ...step, when: { afterMs: 0 }, forMs: 100 },
      { ...step, when: { afterMs: 50 }, forMs: 100 },
    ],
  }
}
