import { describe, expect, test } from 'vitest'
import { defineExperiment, InvalidExperiment, validateExperiment } from './validate.ts'

const valid = {
  title: 'a',
  topology: { comfyui: 'twin' },
  workload: { kind: 'closed-loop', users: 1, jobsPerUser: 1, mix: ['image'] },
} as const

/** A fault whose kind is the fault, as an alias of YAML may have it. */
const itself: { kind?: unknown } = {}
itself.kind = itself

describe('validateExperiment', () => {
  test('takes the same kind on a target one after the other, and different kinds at once', () => {
    const later = { ...killStep, when: { afterMs: 10 } }
    const slow = { ...killStep, fault: { kind: 'cpu', cpus: 0.5 } }
    expect(() => validateExperiment(three({}, [killStep, later, slow]))).not.toThrow()
  })

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
    [
      'unknown fault kind',
      withFault({ kind: 'meteor' }),
      /faults\.0\.fault\.kind: cannot be "meteor"; use one of noop, kill, [^']*, protocol;/,
    ],
    ['a kind that is no text', withFault({ kind: 5n }), 'faults.0.fault.kind: cannot be 5n; use one of noop'],
    ['a kind that is no number', withFault({ kind: Number.NaN }), 'faults.0.fault.kind: cannot be NaN; use'],
    ['a fault that holds itself', withFault(itself), 'faults.0.fault.kind: cannot be '],
    ['no fault kind', withFault({ how: 'drop' }), 'faults.0.fault.kind: is missing; use one of noop, kill'],
    [
      'a field that is missing',
      withFault({ kind: 'partition', from: 'everybody' }),
      'faults.0.fault.how: is missing; use one of drop, reject;',
    ],
    [
      'no impairment',
      withFault({ kind: 'network' }),
      `faults.0.fault.impair: is missing; give netem's text ("delay 100ms")`,
    ],
    ['a text for a number', withFault({ kind: 'cpu', cpus: '1' }), 'faults.0.fault.cpus: takes a number;'],
    [
      'misspelt field',
      withFault({ kind: 'kill', signl: 'SIGKILL' }),
      'faults.0.fault: there is no field "signl" here',
    ],
    [
      'a target twice',
      withFault({ kind: 'kill' }, ['comfyui', 'comfyui']),
      'faults.0.on: names a service twice',
    ],
    ['a misspelt source', { ...valid, topology: { comfyui: 'tween' } }, 'topology.comfyui: use auto, twin,'],
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
    ['a list with an unknown target', withFault({ kind: 'kill' }, ['comfyui', 'wan2gp']), 'wan2gp is not in'],
    ['a minority of nobody', withFault({ kind: 'kill' }, 'minority'), 'minority of 1 service is nobody'],
    [
      'more loss than there is',
      withFault({ kind: 'network', impair: 'loss 110%' }),
      'faults.0.fault.impair: Cannot use this impairment: the loss is 110 %',
    ],
    [
      'a peer that is nowhere',
      withFault({ kind: 'network', impair: 'delay 1ms peer litellm' }),
      'faults.0.fault.impair: peer litellm is not started by Squall',
    ],
    [
      'two impairments of one network at once',
      three({}, [
        { ...killStep, fault: { kind: 'network', impair: 'delay 1ms' } },
        { ...killStep, fault: { kind: 'network', impair: 'loss 1%' } },
      ]),
      'faults.1: overlaps faults.0 (network and network on comfyui); write both into one',
    ],
    [
      'more services than allowed',
      three({ blastRadiusMax: 2 }, [{ ...killStep, on: 'all' }]),
      'faults.0.on: hits 3 services, and blastRadiusMax is 2',
    ],
    [
      'more services than allowed by steps together',
      three({ blastRadiusMax: 1 }, [killStep, { ...killStep, on: 'wan2gp', when: { afterMs: 5 } }]),
      'faults.0 and faults.1: together hit comfyui, wan2gp at 5 ms',
    ],
    [
      'overlaps of a group and a name',
      three({}, [
        { ...killStep, on: 'all' },
        { ...killStep, fault: { kind: 'pause' } },
      ]),
      'faults.1: overlaps faults.0 (pause and kill on comfyui)',
    ],
    [
      'overlaps with a round of a repeated step',
      three({}, [
        { ...killStep, when: { everyMs: 1000, fromMs: 500 } },
        { ...killStep, when: { afterMs: 3505 } },
      ]),
      'faults.1: overlaps faults.0',
    ],
    [
      'a round that overlaps the next',
      three({}, [{ ...killStep, when: { everyMs: 100 }, forMs: 100 }]),
      'faults.0.forMs: still in force when its next round begins',
    ],
    [
      'a step that waits for a later one',
      three({}, [{ ...killStep, when: { afterStep: 0 } }]),
      'faults.0.when.afterStep: step 0 does not come before this one',
    ],
    [
      'a heal before the fault is done',
      three({}, [{ ...killStep, fault: { kind: 'crash-loop', times: 3, intervalMs: 500 } }]),
      'faults.0.forMs: crash-loop takes 1000 ms, and would be healed before it is done',
    ],
    ['a signal that heals', withFault({ kind: 'kill', signal: 'SIGCONT' }), 'faults.0.fault.signal'],
    ['a moment that is none', three({}, [{ ...killStep, when: 'soon' }]), 'faults.0.when: give one of'],
    [
      'a stop condition on what is still to come',
      three({ stopWhen: { checks: ['makes-progress'] } }, []),
      'stopWhen.checks.0: cannot be judged before the run is over; name no-lost-jobs or outputs-intact',
    ],
    ['a stop condition on no check', three({ stopWhen: { checks: [] } }, []), 'stopWhen.checks'],
    ['no stop condition on purpose', three({ stopWhen: {} }, []), 'stopWhen: name at least one'],
    ['unknown fault point', atPoint('comfyui.ws.executing-nil'), 'faults.0.fault.point: no point is called'],
    [
      'impossible action',
      atPoint('comfyui.http.submit', { kind: 'duplicate' }),
      "cannot 'duplicate'; it takes",
    ],
    ['unknown failure', atPoint('comfyui.gpu.step', { kind: 'fail', as: 'fire' }), 'give out-of-memory'],
    ['unknown fact', atPoint('comfyui.http.submit', undefined, { node: '3' }), 'when.match.node: '],
    [
      'a fact of prototypes',
      atPoint('comfyui.http.submit', undefined, JSON.parse('{"__proto__": "3"}') as object),
      'when.match.__proto__: ',
    ],
    ['a fact that is a list', atPoint('comfyui.http.submit', undefined, { path: ['a'] }), 'when.match: give'],
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

  test.each([999, 1004, 1005, 1006, 1015, 2000, 2999, 5000, 1000.5])('refuses close code %s', (code) => {
    const input = atPoint('comfyui.ws.status', { kind: 'close', code })
    expect(() => validateExperiment(input)).toThrow('action.code: ')
  })
})

const killStep = { when: { afterMs: 0 }, forMs: 10, on: 'comfyui', fault: { kind: 'kill' } }

function three(more: object, faults: unknown[]): unknown {
  return { ...valid, topology: { comfyui: 'twin', litellm: 'twin', wan2gp: 'twin' }, ...more, faults }
}

function withFault(fault: unknown, on: unknown = 'comfyui'): unknown {
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
