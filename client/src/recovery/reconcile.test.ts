import { expect, test } from 'vitest'
import { reconcile } from './reconcile.ts'

const never = new AbortController().signal

/** A server whose job moves on by one state with every question it is asked. */
function moving(states: readonly ('queued' | 'done' | 'unknown')[]) {
  let asked = 0
  const next = () => Promise.resolve(states[Math.min(asked++, states.length - 1)])
  return {
    isQueued: async () => (await next()) === 'queued',
    result: async () => ((await next()) === 'done' ? 'result' : undefined),
  }
}

test('in the queue: go on waiting', async () => {
  expect(await reconcile(moving(['queued']), never)).toEqual({ state: 'waiting' })
})

test('in the history: finished', async () => {
  expect(await reconcile(moving(['done']), never)).toEqual({ state: 'finished', result: 'result' })
})

test('in neither: lost', async () => {
  expect(await reconcile(moving(['unknown']), never)).toEqual({ state: 'lost' })
})

test('a job that finishes between the two questions is not lost', async () => {
  expect(await reconcile(moving(['queued', 'done']), never)).toEqual({ state: 'waiting' })
})
