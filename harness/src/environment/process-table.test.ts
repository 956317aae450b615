/** The process table: this process and its children, seen from both sources. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { ownerIsAlive, ownerOf, ownOwner } from './owner.ts'
import { processesWithVariable, processRow, rowFromPs } from './process-table.ts'

test('the own process runs, uses memory and has a start time', () => {
  const row = processRow(process.pid)
  expect(row?.state).toMatch(/[RS]/)
  expect(row?.memoryBytes).toBeGreaterThan(10_000_000)
  expect(row?.cpuSeconds).toBeGreaterThan(0)
  expect(row?.startTime).toMatch(/^\d+$/)
})

test('ps tells the same', () => {
  const row = rowFromPs(process.pid)
  expect(row?.state).toMatch(/[RS]/)
  expect(row?.memoryBytes).toBeGreaterThan(10_000_000)
  expect(row?.startTime).toMatch(/^\d+$/)
  expect(rowFromPs(2 ** 22 + 1)).toBeUndefined()
})

test('a process is found by its environment, and is no owner any more once it ended', async () => {
  const value = `table-${process.pid}`
  const source = 'console.log(1); setInterval(() => {}, 1000)'
  const child = spawn(process.execPath, ['-e', source], { env: { SQUALL_TABLE_TEST: value } })
  await once(child.stdout, 'data')
  const pid = child.pid ?? 0
  expect(processesWithVariable('SQUALL_TABLE_TEST', value)).toEqual([{ pid, value }])
  expect(processesWithVariable('SQUALL_TABLE_TEST')).toContainEqual({ pid, value })
  const owner = ownerOf(pid) ?? ''
  expect(ownerIsAlive(owner)).toBe(true)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(ownerIsAlive(owner)).toBe(false)
  expect(processesWithVariable('SQUALL_TABLE_TEST', value)).toEqual([])
})

test('the same process id with another start time is another process', () => {
  expect(ownerIsAlive(ownOwner())).toBe(true)
  expect(ownerIsAlive(ownOwner().replace(/:\d+$/, ':1'))).toBe(false)
})

test('an owner on another host cannot be judged', () => {
  expect(ownerIsAlive('some-other-host:1:1')).toBeUndefined()
  expect(ownerIsAlive('nonsense')).toBeUndefined()
})
