import { expect, test } from 'vitest'
import type { ClientEvent } from '../events.ts'
import { parseMessage } from './messages.ts'
import { PromptWatches } from './prompt-watch.ts'

const never = new AbortController().signal

test('events that come before their job is known are kept', async () => {
  const events: ClientEvent[] = []
  const watches = new PromptWatches((event) => events.push(event))
  watches.deliver({ kind: 'started', promptId: 'a' })
  watches.deliver({ kind: 'ended', promptId: 'a' })
  using watch = watches.open('a', 2)
  expect(events).toEqual([{ type: 'job', service: 'comfyui', jobId: 'a', what: 'started' }])
  expect(await watch.next(1_000, never)).toBe('ended')
})

test('the flood of other clients does not grow without bound', async () => {
  const watches = new PromptWatches(() => {})
  watches.deliver({ kind: 'ended', promptId: 'first' })
  for (let index = 0; index < 64; index++) watches.deliver({ kind: 'ended', promptId: `other ${index}` })
  using watch = watches.open('first', 1)
  expect(await watch.next(20, never)).toBe('quiet')
})

test('news wakes the reader; the end outranks a reconnect', async () => {
  const watches = new PromptWatches(() => {})
  using watch = watches.open('a', 1)
  const first = watch.next(10_000, never)
  watches.reconnected()
  expect(await first).toBe('reconnected')
  watches.reconnected()
  watches.deliver({ kind: 'ended', promptId: 'a' })
  expect(await watch.next(10_000, never)).toBe('ended')
  expect(await watch.next(20, never)).toBe('quiet')
})

test('the signal ends the wait', async () => {
  using watch = new PromptWatches(() => {}).open('a', 1)
  await expect(watch.next(10_000, AbortSignal.timeout(20))).rejects.toThrow('timeout')
})

test('progress counts whole nodes and never goes back', () => {
  const fractions: unknown[] = []
  const watches = new PromptWatches((event) =>
    fractions.push('fraction' in event ? event.fraction : undefined),
  )
  using _watch = watches.open('a', 4)
  const progress = (nodes: object) => {
    const text = JSON.stringify({ type: 'progress_state', data: { prompt_id: 'a', nodes } })
    const event = parseMessage(text)
    if (event !== undefined) watches.deliver(event)
  }
  progress({ 1: { value: 1, max: 1, state: 'finished' } })
  progress({ 1: { value: 1, max: 1, state: 'finished' }, 2: { value: 10, max: 20, state: 'running' } })
  progress({ 1: { value: 1, max: 1, state: 'finished' }, 2: { value: 0, max: 20, state: 'running' } })
  expect(fractions).toEqual([0.25, 0.375])
})

test('`executing` with a node, and what is no JSON, says nothing', () => {
  expect(parseMessage('{"type":"executing","data":{"node":"7","prompt_id":"a"}}')).toBeUndefined()
  expect(parseMessage('{"type":"executed","data":{"prompt_id":"a","output":NaN}}')).toBeUndefined()
  expect(parseMessage('{"type":"executing","data":{"node":null,"prompt_id":"a"}}')).toEqual({
    kind: 'ended',
    promptId: 'a',
  })
})
