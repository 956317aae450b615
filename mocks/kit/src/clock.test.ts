import { expect, test } from 'vitest'
import { createClock } from './clock.ts'

test('waits are scaled', async () => {
  const clock = createClock(0.01)
  const start = clock.now()
  await clock.wait(5000)
  expect(clock.now() - start).toBeGreaterThanOrEqual(49)
  expect(clock.now() - start).toBeLessThan(1000)
})

test('an aborted wait rejects at once with the reason', async () => {
  const aborting = new AbortController()
  const waiting = createClock(1).wait(60_000, aborting.signal)
  aborting.abort(new Error('interrupted'))
  await expect(waiting).rejects.toThrow('interrupted')
  await expect(createClock(1).wait(60_000, aborting.signal)).rejects.toThrow('interrupted')
})
