/** Statistics of a container mean the same under cgroup v1 and v2. */
import { expect, test } from 'vitest'
import { toUnitStats } from './container-stats.ts'

const cpu_stats = { cpu_usage: { total_usage: 1_500_000_000 } }

test('cgroup v1: the file cache is total_inactive_file', () => {
  const stats = { inactive_file: 7, total_inactive_file: 300 }
  expect(toUnitStats({ cpu_stats, memory_stats: { usage: 1000, stats } })).toEqual({
    cpuSeconds: 1.5,
    memoryBytes: 700,
  })
})

test('cgroup v2: it is inactive_file', () => {
  const stats = { inactive_file: 300 }
  expect(toUnitStats({ cpu_stats, memory_stats: { usage: 1000, stats } }).memoryBytes).toBe(700)
})

test('an engine that tells no memory gives none, not less than none', () => {
  expect(toUnitStats({ cpu_stats, memory_stats: {} }).memoryBytes).toBe(0)
  expect(
    toUnitStats({ cpu_stats, memory_stats: { usage: 5, stats: { inactive_file: 9 } } }).memoryBytes,
  ).toBe(5)
})
