/** What may be said of a fault on the command line, and the fault it makes. */
import { describe, expect, test } from 'vitest'
import { durationFlag, inWords } from './duration-flag.ts'
import { faultWord, faultWordLines } from './fault-words.ts'
import { handStep } from './hand-step.ts'

function faultOf(name: string, flags: Readonly<Record<string, string>>): unknown {
  return handStep(faultWord(name).fault(flags), 'comfyui', 30_000).fault
}

describe('flags become the fault that a plan would have', () => {
  test.each<[string, Record<string, string>, unknown]>([
    ['pause', {}, { kind: 'pause' }],
    ['kill', { signal: 'SIGTERM' }, { kind: 'kill', signal: 'SIGTERM' }],
    ['stop', { grace: '2s' }, { kind: 'stop', graceMs: 2000 }],
    ['cpu', { cpus: '0.1' }, { kind: 'cpu', cpus: 0.1 }],
    ['memory', { 'headroom-mb': '5' }, { kind: 'memory', headroomMb: 5 }],
    ['memory', {}, { kind: 'memory', headroomMb: 0 }],
    ['crash-loop', { times: '3', interval: '500ms' }, { kind: 'crash-loop', times: 3, intervalMs: 500 }],
    [
      'protocol',
      { point: 'comfyui.ws.executing-null', action: 'drop', when: '{"nth": 1}' },
      { kind: 'protocol', point: 'comfyui.ws.executing-null', action: { kind: 'drop' }, when: { nth: 1 } },
    ],
    [
      'protocol',
      { point: 'comfyui.http.queue', action: '{"kind":"delay","ms":20}' },
      { kind: 'protocol', point: 'comfyui.http.queue', action: { kind: 'delay', ms: 20 } },
    ],
    ['network', { text: 'delay 100ms loss 5%' }, { impair: 'delay 100ms loss 5%' }],
    ['network', { text: '3g' }, { impair: { preset: '3g' } }],
    ['network', { impair: '{"loss":{"kind":"random","percent":5}}' }, { impair: { loss: { percent: 5 } } }],
    ['latency', { delay: '500ms' }, { kind: 'network', impair: 'delay 500ms' }],
    ['latency', { delay: '2s', jitter: '1ms', direction: 'in' }, { impair: 'delay 2000ms 1ms direction in' }],
    ['loss', { percent: '5' }, { impair: 'loss 5%' }],
    ['reorder', { delay: '10ms', percent: '25%' }, { impair: 'delay 10ms reorder 25%' }],
    ['rate', { rate: '1mbit' }, { impair: 'rate 1mbit' }],
  ])('%s %j', (name, flags, expected) => {
    expect(faultOf(name, flags)).toMatchObject(expected as object)
  })
})

describe('what cannot be is refused with the flag and the reason', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ['pauze', {}, /Cannot use fault pauze: it takes one of noop, kill, .*latency/],
    ['cpu', {}, /--cpus is missing; see --help/],
    ['cpu', { cpus: 'much' }, /--cpus: takes a number/],
    ['partition', { from: 'upstream' }, /--how is missing; use one of drop, reject; see --help$/],
    ['network', {}, /--impair is missing; give netem's text/],
    ['cpu', { cpus: '100' }, /--cpus: Too big/],
    ['stop', { grace: '5' }, /Cannot use --grace 5: it is no time; write it like 500ms/],
    ['crash-loop', { times: '9', interval: '10s' }, /--for: crash-loop takes 80000 ms/],
    [
      'protocol',
      { point: 'comfyui.http.queue', action: '{"kind"' },
      /it is no JSON; put it in single quotes/,
    ],
    ['protocol', { point: 'comfyui.ws.nowhere', action: 'drop' }, /no point is called/],
    ['protocol', { point: 'openai.chat', action: 'drop' }, /openai|no point/],
    ['network', { text: 'loss 110%' }, /the loss is 110 %/],
    ['network', { text: 'loss 1%', impair: 'loss 2%' }, /in one of the two ways/],
    ['latency', {}, /delay .*is missing/],
    ['loss', { percent: '-5' }, /loss/],
  ])('%s %j', (name, flags, reason) => {
    expect(() => faultOf(name, flags)).toThrow(reason)
  })

  test('a point of another service', () => {
    const fault = faultWord('protocol').fault({ point: 'comfyui.http.queue', action: 'drop' })
    expect(() => handStep(fault, 'wan2gp', undefined)).toThrow(/is a point of comfyui; name that service/)
  })
})

test.each([
  ['partition', 'from', 'the word: everybody, or one or more of comfyui,litellm,wan2gp,upstream; needed'],
  ['partition', 'flap', 'JSON with periodMs, dutyPercent'],
  ['dns', 'names', 'one or more of comfyui,litellm,wan2gp,upstream; needed'],
  ['dns', 'failure', 'JSON, or a word: nxdomain, servfail, silence; needed'],
])('the help of %s says what --%s takes', (name, flag, description) => {
  expect(faultWord(name).args[flag]).toMatchObject({ description })
})

test('every kind has flags and a line of help', () => {
  const names = faultWordLines().flatMap((line) => /^ {2}(\S+)/.exec(line)?.[1] ?? [])
  expect(names).toContain('disk-full')
  expect(names).toContain('latency')
  for (const name of names) expect(faultWord(name).summary).not.toBe('')
})

test('times are read with their unit and told in words', () => {
  expect(['500ms', '30s', '2m', '1m30s'].map((text) => durationFlag('for', text))).toEqual([
    500, 30_000, 120_000, 90_000,
  ])
  expect(() => durationFlag('for', '30')).toThrow(/--for 30: it is no time/)
  expect([12, 59_400, 90_000, 3_599_000].map(inWords)).toEqual(['12 ms', '59 s', '1 min 30 s', '59 min'])
})
