import type { Finding } from '@squall/netem'
import { expect, test } from 'vitest'
import { needsSideContainer } from './needs.ts'
import { network } from './network.ts'

const place = { engine: 'docker', platform: 'linux', prlimit: true } as const
const kernel: Finding = { rung: 'kernel', can: 'yes', takesSeed: true, failsOpen: true }
const userspace: Finding = { rung: 'userspace', can: 'yes', takesSeed: true, failsOpen: true }
const lacks = (rung: Finding['rung']): Finding => ({
  rung,
  can: 'no',
  code: 'unsupported',
  reason: 'it lacks',
})

test.each([
  [undefined, { available: true, rung: 'netem', reason: expect.stringContaining('doctor --probe') }],
  [[kernel, userspace], { available: true, rung: 'netem, kernel rung' }],
  [
    [lacks('kernel'), userspace],
    { available: true, rung: 'netem, userspace rung', reason: 'kernel: it lacks' },
  ],
  [
    [lacks('kernel'), { ...userspace, way: 'nfqueue', reason: 'no bpf()' }],
    { available: true, rung: 'netem, userspace rung by nfqueue', reason: 'kernel: it lacks; no bpf()' },
  ],
  [
    [lacks('kernel'), { rung: 'userspace', can: 'unknown', reason: 'no namespace' }],
    { available: true, rung: 'netem, userspace rung', reason: 'kernel: it lacks' },
  ],
  [
    [lacks('kernel'), lacks('userspace')],
    { available: false, reason: 'kernel: it lacks; userspace: it lacks' },
  ],
] as const)('%j', (networkRungs, offer) => {
  expect(needsSideContainer({ ...place, networkRungs })).toEqual(offer)
})

test.each([
  ['delay 5ms direction in', /^undefined$/],
  ['loss 5%', /^undefined$/],
  ['delay 5ms', /^Cannot hold what goes out by a queue: .* say direction in/],
  ['duplicate 1%', /^Cannot duplicate packets by a queue/],
])('where packets come from a queue, %s', (impair, refusal) => {
  const fault = { kind: 'network', impair, onRestart: 'reapply' } as const
  const refused = (best: Finding) =>
    network.refuses?.(fault, { ...place, networkRungs: [lacks('kernel'), best] })
  expect(String(refused({ ...userspace, way: 'nfqueue' }))).toMatch(refusal)
  expect(refused({ ...userspace, way: 'tcx' })).toBeUndefined()
})

test('no container beside a child process', () => {
  expect(needsSideContainer({ ...place, engine: 'process', networkRungs: [kernel] })).toMatchObject({
    available: false,
  })
})
