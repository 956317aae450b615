/** The vigil: acts when nobody is there any more, and not before. */
import { expect, test } from 'vitest'
import { nowMs, sleep } from '../../support/clock.ts'
import { startVigil, type Vigil } from './vigil.ts'

/** Long enough that no test reaches it. */
const neverMs = 60_000

function watch(options: { connectionMs?: number; reconnectionMs?: number }): {
  vigil: Vigil
  due: Promise<number>
  isDue: () => boolean
} {
  const { promise, resolve } = Promise.withResolvers<number>()
  const startedAt = nowMs()
  let acted = false
  const vigil = startVigil({
    connectionMs: options.connectionMs ?? neverMs,
    reconnectionMs: options.reconnectionMs ?? 0,
    onDue: () => {
      acted = true
      resolve(nowMs() - startedAt)
    },
  })
  return { vigil, due: promise, isDue: () => acted }
}

test('without a first client it acts after the connection time', async () => {
  const { due } = watch({ connectionMs: 20 })
  expect(await due).toBeGreaterThanOrEqual(19)
})

test('it acts once the last client is gone for the reconnection time', async () => {
  const { vigil, due, isDue } = watch({ connectionMs: 10, reconnectionMs: 50 })
  vigil.connected()
  vigil.connected()
  vigil.disconnected()
  vigil.disconnected()
  vigil.connected()
  vigil.disconnected()
  expect(isDue()).toBe(false)
  expect(await due).toBeGreaterThanOrEqual(49)
})

test('a lease holds longer than the reconnection time, and can be taken back', async () => {
  const held = watch({})
  held.vigil.connected()
  held.vigil.lease(80)
  held.vigil.disconnected()
  expect(await held.due).toBeGreaterThanOrEqual(79)

  const ended = watch({})
  ended.vigil.connected()
  ended.vigil.lease(neverMs)
  ended.vigil.lease(0)
  ended.vigil.disconnected()
  expect(await ended.due).toBeLessThan(neverMs)
})

test('who looks in while the lease runs does not prolong it', async () => {
  const { vigil, due } = watch({})
  vigil.connected()
  expect(vigil.leaseLeftMs()).toBeUndefined()
  vigil.lease(60)
  vigil.disconnected()
  const startedAt = nowMs()
  while (nowMs() - startedAt < 50) {
    vigil.connected()
    expect(vigil.leaseLeftMs()).toBeLessThanOrEqual(60)
    vigil.disconnected()
    await sleep(5)
  }
  expect(await due).toBeLessThan(neverMs / 100)
})

test('a lease that ends while somebody is there ends with them', async () => {
  const { vigil, due, isDue } = watch({})
  vigil.connected()
  vigil.lease(10)
  await sleep(30)
  expect([isDue(), vigil.leaseLeftMs()]).toEqual([false, 0])
  vigil.disconnected()
  await due
})

test('released, it does not wait', async () => {
  const { vigil, due } = watch({ reconnectionMs: neverMs })
  vigil.connected()
  vigil.release()
  vigil.disconnected()
  expect(await due).toBeLessThan(neverMs)
})

test('asked to end, it acts at once and only once', async () => {
  const { vigil, due } = watch({})
  vigil.connected()
  vigil.end()
  vigil.end()
  vigil.disconnected()
  expect(await due).toBeLessThan(neverMs)
})
