import { expect, test } from 'vitest'
import { createClock } from './clock.ts'
import { GpuOutOfMemory } from './errors.ts'
import { createGpu, type Gpu } from './gpu.ts'

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

function smallGpu(vramBytes = 10): Gpu {
  return createGpu({ clock: createClock(0), loadMs: 0, vramBytes })
}

test('the model used longest ago makes room for a new one', async () => {
  const gpu = smallGpu()
  await gpu.load('first', { bytes: 4 })
  await gpu.load('second', { bytes: 4 })
  await gpu.load('first', { bytes: 4 })
  expect(gpu.vram()).toEqual({ totalBytes: 10, usedBytes: 8, freeBytes: 2 })
  expect(await gpu.load('third', { bytes: 5 })).toBe(true)
  expect([...gpu.resident]).toEqual(['first', 'third'])
})

test('working memory drives out models, but not the one it is for', async () => {
  const gpu = smallGpu()
  await gpu.load('mine', { bytes: 4 })
  await gpu.load('other', { bytes: 4 })
  const working = gpu.reserve(5, ['mine'])
  expect([...gpu.resident]).toEqual(['mine'])
  expect(gpu.vram().freeBytes).toBe(1)
  await expect(gpu.load('large', { bytes: 3 })).rejects.toBeInstanceOf(GpuOutOfMemory)
  working[Symbol.dispose]()
  expect(await gpu.load('large', { bytes: 7 })).toBe(true)
  expect([...gpu.resident]).toEqual(['large'])
})

test('what cannot fit is refused with the figures, and nothing is lost for it', async () => {
  const gpu = smallGpu()
  await gpu.load('mine', { bytes: 4 })
  await gpu.load('other', { bytes: 4 })
  expect(() => gpu.reserve(7, ['mine'])).toThrow(
    expect.objectContaining({
      code: 'gpu-out-of-memory',
      askedBytes: 7,
      vram: { totalBytes: 10, usedBytes: 8, freeBytes: 2 },
    }),
  )
  expect([...gpu.resident]).toEqual(['mine', 'other'])
  gpu.unloadAll()
  expect(gpu.vram().usedBytes).toBe(0)
})

test('a load that is given up gives its room back', async () => {
  const gpu = createGpu({ clock: createClock(1), loadMs: 60_000, vramBytes: 10 })
  await gpu.load('old', { bytes: 6, loadMs: 0 })
  const stopping = new AbortController()
  const loading = gpu.load('new', { bytes: 6, signal: stopping.signal })
  expect(gpu.vram().freeBytes).toBe(4)
  expect([...gpu.resident]).toEqual([])
  stopping.abort(new Error('stop'))
  await expect(loading).rejects.toThrow('stop')
  expect(gpu.vram().usedBytes).toBe(0)
})
