/** What a plan asks for before it begins. */
import { expect, test } from 'vitest'
import { scriptedExperiment } from '../verdict/scripted-run.ts'
import { sideContainersOf } from './fault-targets.ts'

test.each([
  [{ kind: 'kill' }, undefined],
  [
    { kind: 'network', impair: 'delay 5ms' },
    { impairPackets: [{ kind: 'network', impair: 'delay 5ms', onRestart: 'reapply' }] },
  ],
  // A kernel that cannot impair packets can still cut services off and limit files.
  [{ kind: 'partition', from: 'everybody', how: 'drop' }, { impairPackets: [] }],
  [{ kind: 'files' }, { impairPackets: [] }],
] as const)('containers beside services for %j: %j', (fault, expected) => {
  const { faults } = scriptedExperiment({
    faults: [{ when: { afterMs: 0 }, forMs: 100, on: 'comfyui', fault }],
  })
  expect(sideContainersOf(faults)).toEqual(expected)
})
