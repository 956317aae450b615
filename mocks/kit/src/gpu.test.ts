import { expect, test } from 'vitest'
import { createClock } from './clock.ts'
import { createGpu } from './gpu.ts'

test('a model is cold once, and again after unloading', async () => {
  const gpu = createGpu({ clock: createClock(0), loadMs: 4000 })
  expect(await gpu.load('sd15')).toBe(true)
  expect(await gpu.load('sd15')).toBe(false)
  gpu.unloadAll()
  expect(await gpu.load('sd15')).toBe(true)
})

test('an aborted load leaves the model cold', async () => {
  const gpu = createGpu({ clock: createClock(1), loadMs: 60_000 })
  await expect(gpu.load('sd15', { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop')
  expect(gpu.resident.size).toBe(0)
})

test('steps keep to the schedule although timers are coarse', async () => {
  const clock = createClock(0.01)
  const gpu = createGpu({ clock, loadMs: 0 })
  const seen: number[] = []
  const start = clock.now()
  await gpu.run({ steps: 100, msPerStep: 150, onStep: (step) => seen.push(step) })
  expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
  expect(clock.now() - start).toBeGreaterThanOrEqual(148)
  expect(clock.now() - start).toBeLessThan(600)
})

test('one job at a time, in order; who gives up waiting does not block the next', async () => {
  const gpu = createGpu({ clock: createClock(0), loadMs: 0 })
  const first = await gpu.acquire()
  const aborting = new AbortController()
  const second = gpu.acquire(aborting.signal)
  let thirdHasIt = false
  const third = gpu.acquire().then((lease) => {
    thirdHasIt = true
    return lease
  })
  aborting.abort(new Error('gave up'))
  await expect(second).rejects.toThrow('gave up')
  expect(thirdHasIt).toBe(false)
  first[Symbol.dispose]()
  await third
  expect(thirdHasIt).toBe(true)
})
