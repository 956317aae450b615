/** The lease of a client: silence ends it, a word renews it. */
import { expect, test } from 'vitest'
import { nowMs, sleep } from '../../support/clock.ts'
import { startLease } from './lease.ts'

test('a silent client is gone after its time to live', async () => {
  const beganAt = nowMs()
  await new Promise<void>((resolve) => startLease(200, resolve))
  expect(nowMs() - beganAt).toBeGreaterThan(199)
})

test('one that says something now and then is not', async () => {
  let expired = false
  using lease = startLease(200, () => {
    expired = true
  })
  for (let word = 0; word < 10; word++) {
    lease.heard()
    await sleep(50)
  }
  expect(expired).toBe(false)
})

test('time in which the reaper itself could not run is nobody’s silence', async () => {
  let expired = false
  using _lease = startLease(200, () => {
    expired = true
  })
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
  await sleep(20)
  expect(expired).toBe(false)
})
