/** The clock: abortable waits that leave nothing behind. */
import { expect, test } from 'vitest'
import { every, nowMs, sleep } from './clock.ts'

test('nowMs is the wall clock with fractions', () => {
  expect(Math.abs(nowMs() - Date.now())).toBeLessThan(1000)
})

test('sleep waits as long as it says', async () => {
  const before = nowMs()
  await sleep(30)
  expect(nowMs() - before).toBeGreaterThanOrEqual(29)
})

test('sleep ends with the reason of its signal, before or meanwhile', async () => {
  const controller = new AbortController()
  const waiting = sleep(60_000, controller.signal)
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  await expect(sleep(60_000, controller.signal)).rejects.toThrow('enough')
})

test('every stops when disposed', async () => {
  let calls = 0
  const twice = Promise.withResolvers<void>()
  const ticking = every(1, () => {
    calls += 1
    if (calls === 2) twice.resolve()
  })
  await twice.promise
  ticking[Symbol.dispose]()
  const seen = calls
  await sleep(20)
  expect(calls).toBe(seen)
})
