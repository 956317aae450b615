import { describe, expect, test } from 'vitest'
import { dnsFaultSchema } from './dns-fault.ts'
import { claimOf, faultName, isOutage } from './fault-plan.ts'
import { partitionFaultSchema } from './partition-fault.ts'
import { validateExperiment } from './validate.ts'

const partition = (fields: object) =>
  partitionFaultSchema.parse({ kind: 'partition', how: 'drop', ...fields })
const dns = (fields: object) => dnsFaultSchema.parse({ kind: 'dns', names: ['upstream'], ...fields })

test('names', () => {
  expect(faultName(partition({ from: ['upstream'] }), 'litellm')).toBe(
    'partition of litellm from upstream, drop',
  )
  const flap = { periodMs: 1000, dutyPercent: 30 }
  expect(faultName(partition({ from: 'everybody', direction: 'in', flap }), 'comfyui')).toBe(
    'partition of comfyui from everybody, drop in, 30 % of every 1000 ms',
  )
  expect(faultName(dns({ failure: { slowMs: 5 } }), 'litellm')).toBe('dns of litellm: 5 ms late for upstream')
  expect(claimOf(partition({ from: 'everybody' }))).toBe('partition')
  expect(claimOf(dns({ failure: 'silence' }))).toBe('dns')
})

test('an outage is when nobody reaches it at any time', () => {
  expect(isOutage(partition({ from: 'everybody' }))).toBe(true)
  expect(isOutage(partition({ from: 'everybody', direction: 'out' }))).toBe(false)
  expect(isOutage(partition({ from: 'everybody', flap: { periodMs: 50, dutyPercent: 99 } }))).toBe(false)
  expect(isOutage(partition({ from: ['comfyui'] }))).toBe(false)
  expect(isOutage(dns({ failure: 'nxdomain' }))).toBe(false)
})

describe('refused before anything starts', () => {
  const step = (on: string, fault: object) => ({
    title: 'a plan',
    topology: { litellm: 'twin', comfyui: { url: 'http://127.0.0.1:8188' } },
    workload: { kind: 'closed-loop', users: 1, jobsPerUser: 1, mix: ['text'] },
    faults: [{ when: { afterMs: 1 }, forMs: 10, on, fault }],
  })
  test.each<[string, object, RegExp]>([
    [
      'litellm',
      { kind: 'partition', from: ['nobody'], how: 'drop' },
      /faults\.0\.fault\.from.*name everybody, or a list/,
    ],
    [
      'litellm',
      { kind: 'partition', from: ['wan2gp'], how: 'drop' },
      /faults\.0\.fault\.from: wan2gp is not started by/,
    ],
    [
      'litellm',
      { kind: 'partition', from: ['comfyui'], how: 'drop' },
      /from: comfyui is not started by Squall/,
    ],
    ['litellm', { kind: 'partition', from: ['litellm'], how: 'drop' }, /faults\.0\.on: litellm may be hit/],
    ['one', { kind: 'partition', from: ['litellm'], how: 'drop' }, /cannot be its own peer/],
    ['litellm', { kind: 'network', impair: 'delay 5ms peer litellm' }, /cannot be its own peer/],
    [
      'litellm',
      { kind: 'dns', names: ['wan2gp'], failure: 'nxdomain' },
      /faults\.0\.fault\.names: wan2gp is not/,
    ],
    ['litellm', { kind: 'dns', names: ['upstream'], failure: 'refused' }, /name nxdomain, servfail, silence/],
  ])('%s: %j', (on, fault, reason) => {
    expect(() => validateExperiment(step(on, fault), 'it')).toThrow(reason)
  })
})
