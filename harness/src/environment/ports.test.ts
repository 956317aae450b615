/** Ports: free, stable, never given twice. */

import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownOwner } from './owner.ts'
import { openPortPool, removeStaleReservations } from './ports.ts'

const file = (port: number): string => join(tmpdir(), 'squall-ports', String(port))

test('ports of two pools differ, lie below the ephemeral range, and can be listened on', async () => {
  using one = openPortPool({ probe: true, runId: 'ports-test' })
  using other = openPortPool({ probe: true, runId: 'ports-test' })
  const ports = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? one : other).take()))
  expect(new Set(ports).size).toBe(20)
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000)
  expect(Math.max(...ports)).toBeLessThan(32_000)
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(ports[0], '127.0.0.1', resolve)
  })
  server.close()
})

test('a reservation ends with its pool', async () => {
  const pool = openPortPool({ probe: true, runId: 'ports-test' })
  const port = await pool.take()
  expect(existsSync(file(port))).toBe(true)
  pool[Symbol.dispose]()
  expect(existsSync(file(port))).toBe(false)
})

test('reservations of dead processes fall, those of living ones stay', () => {
  using _pool = openPortPool({ probe: true, runId: 'ports-test' })
  // Outside the range that is drawn from, so that no other test meets them.
  const [dead, living] = [file(1), file(2)]
  writeFileSync(dead, ownOwner().replace(/:\d+$/, ':1'))
  writeFileSync(living, ownOwner())
  removeStaleReservations()
  expect(existsSync(dead)).toBe(false)
  expect(existsSync(living)).toBe(true)
  writeFileSync(living, ownOwner().replace(/:\d+$/, ':1'))
  removeStaleReservations()
})
