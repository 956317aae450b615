/** Polling: it waits for the condition, and its failure is worth reading. */
import { expect, test } from 'vitest'
import { PollTimeoutError, pollUntil } from './poll.ts'

test('resolves with the value once the probe is done', async () => {
  let looks = 0
  const value = await pollUntil({
    what: 'the third look is taken',
    everyMs: 1,
    budgetMs: 1000,
    probe: () => (++looks === 3 ? { done: true, value: 'yes' } : { done: false, saw: `${looks}` }),
  })
  expect([value, looks]).toEqual(['yes', 3])
})

test('the error says what was waited for, how long, and what was last seen', async () => {
  const waiting = pollUntil({
    what: 'comfyui answers',
    everyMs: 5,
    budgetMs: 40,
    probe: () => {
      throw new Error('connect ECONNREFUSED')
    },
  })
  const error = await waiting.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(PollTimeoutError)
  expect((error as PollTimeoutError).message).toMatch(
    /^Cannot see that comfyui answers: waited \d+ ms; last seen: connect ECONNREFUSED$/,
  )
  expect((error as PollTimeoutError).waitedMs).toBeGreaterThanOrEqual(39)
})

test('a look that hangs is abandoned and told so', async () => {
  let told = false
  const waiting = pollUntil({
    what: 'it answers',
    everyMs: 1,
    budgetMs: 20,
    probe: (signal) => {
      signal.addEventListener('abort', () => {
        told = true
      })
      return new Promise<never>(() => undefined)
    },
  })
  await expect(waiting).rejects.toThrow('the first look did not return')
  expect(told).toBe(true)
})

test('an outer signal ends the wait with its own reason', async () => {
  const controller = new AbortController()
  const waiting = pollUntil({
    what: 'never',
    everyMs: 1,
    budgetMs: 60_000,
    probe: () => ({ done: false, saw: 'no' }),
    signal: controller.signal,
  })
  controller.abort(new Error('interrupted'))
  await expect(waiting).rejects.toThrow('interrupted')
})
