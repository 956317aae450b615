/** Deadlines: named, abortable, and silent when disposed in time. */
import { expect, test } from 'vitest'
import { sleep } from './clock.ts'
import { DeadlineError, deadline, withDeadline } from './deadline.ts'

test('the error names the work and the budget', async () => {
  const working = withDeadline(20, 'stop comfyui', (signal) => sleep(60_000, signal))
  const error = await working.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(DeadlineError)
  expect(error).toMatchObject({ code: 'deadline', message: 'Cannot stop comfyui: not done after 20 ms' })
})

test('work that ignores the signal does not hold the caller', async () => {
  await expect(withDeadline(20, 'wait', () => new Promise<never>(() => undefined))).rejects.toThrow(
    'Cannot wait',
  )
})

test('the result and the failure of the work pass through', async () => {
  expect(await withDeadline(1000, 'add', async () => 3)).toBe(3)
  const failing = withDeadline(1000, 'fail', async () => {
    throw new Error('own reason')
  })
  await expect(failing).rejects.toThrow('own reason')
})

test('a disposed deadline never fires, and an outer signal fires it early', async () => {
  const quiet = deadline(10, 'rest')
  quiet[Symbol.dispose]()
  await sleep(30)
  expect(quiet.signal.aborted).toBe(false)

  const outer = new AbortController()
  using inner = deadline(60_000, 'go on', outer.signal)
  outer.abort(new Error('cancelled'))
  await expect(inner.race(new Promise(() => undefined))).rejects.toThrow('cancelled')
})
