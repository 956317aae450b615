/** What a service used, from its samples. */
import { expect, test } from 'vitest'
import type { HistoryEvent } from '../history/event.ts'
import { figuresOf } from './figures.ts'
import { scriptedExperiment } from './scripted-run.ts'

const sample = (seq: number, cpuSeconds: number): HistoryEvent => ({
  ...{ type: 'sample', service: 'comfyui', seq, at: seq * 1000 },
  ...{ cpuSeconds, memoryBytes: 10 },
})

const coresOf = (...cpuSeconds: readonly number[]): number | undefined => {
  const history = cpuSeconds.map((it, index) => sample(index, it))
  return figuresOf(scriptedExperiment({ faults: [] }), history).services['comfyui']?.cpuCores
}

test('CPU time between the first and the last sample, per second', () => {
  expect(coresOf(3, 3.5, 4)).toBe(0.5)
})

test('a restart in between takes nothing away from what was used before it', () => {
  expect(coresOf(3, 4, 0.5, 1)).toBeCloseTo(2 / 3)
})

test('one sample tells no pace', () => {
  expect(coresOf(3)).toBe(0)
})
