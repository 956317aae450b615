/** The lock between two boots: one at a time, stale ones broken. */
import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { sleep } from './clock.mjs'
import { withLock } from './lock.mjs'
import { createScratch, start } from './scratch.ts'

test('two that want the lock hold it one after the other', async () => {
  using scratch = createScratch()
  const file = path.join(scratch.root, 'lock')
  const events: string[] = []
  const work = (name: string) => async () => {
    events.push(`${name} in`)
    await sleep(150)
    events.push(`${name} out`)
  }
  await Promise.all([withLock(file, 'busy', work('first')), withLock(file, 'busy', work('second'))])
  expect(events).toEqual(['first in', 'first out', 'second in', 'second out'])
  expect(existsSync(file)).toBe(false)
})

test('the lock of a dead process is broken', async () => {
  using scratch = createScratch()
  const file = path.join(scratch.root, 'lock')
  const dead = start(scratch, process.execPath, ['-e', ''])
  await dead.ended
  writeFileSync(file, JSON.stringify({ pid: dead.child.pid }))
  expect(await withLock(file, 'busy', async () => 'done')).toBe('done')
})

test.runIf(process.platform === 'linux')(
  'a lock whose process id belongs to somebody else by now is broken',
  async () => {
    using scratch = createScratch()
    const file = path.join(scratch.root, 'lock')
    writeFileSync(file, JSON.stringify({ pid: process.pid, startTime: '1' }))
    expect(await withLock(file, 'busy', async () => 'done')).toBe('done')
  },
)

test('a lock is given back when the work fails', async () => {
  using scratch = createScratch()
  const file = path.join(scratch.root, 'lock')
  await expect(withLock(file, 'busy', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(existsSync(file)).toBe(false)
})
