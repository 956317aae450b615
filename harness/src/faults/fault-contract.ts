/**
 * What every kind of fault promises, as tests that each engine runs which offers it: its effect is seen from outside,
 * its receipt says so, and after the heal all is as before. `idle-faults.test.ts` shows the other half: where nothing
 * is done, the receipt is negative.
 */
import { get } from 'node:http'
import { describe, expect, test } from 'vitest'
import { serverEnvironment, serverSource } from '../environment/contract-server.ts'
import {
  answering,
  budgetMs,
  exited,
  linesOf,
  newRunId,
  outside,
  text,
} from '../environment/contract-watch.ts'
import type { Engine, Unit, UnitSpec } from '../environment/engine.ts'
import type { FaultKind, FaultSpec } from '../spec/fault-plan.ts'
import { nowMs } from '../support/clock.ts'
import { pollUntil } from '../support/poll.ts'
import { faultCatalog } from './catalog.ts'
import type { ActiveFault, Fault, FaultTarget } from './fault.ts'

export type FaultHost = {
  /** One run for all tests; each has a unit of its own in it. */
  engine(): Engine
  /** Source text for `node -e` as a program of this engine. */
  program(source: string): UnitSpec['program']
  /** What this engine offers, of the kinds that are tested here. */
  offers(kind: FaultKind): boolean
}

export type Lab = AsyncDisposable & { readonly unit: Unit; readonly url: string; readonly engine: Engine }

/** A unit that runs the server of the engine contract, which answers. */
export async function openLab(
  host: FaultHost,
  more: { dataBytesMax?: number } = {},
  name = newRunId(),
): Promise<Lab> {
  const engine = host.engine()
  const placement = await engine.place(name, { http: 8188 })
  const env = serverEnvironment(placement)
  const program = { ...host.program(serverSource), ...more }
  const unit = await engine.start({ placement, env, program })
  const url = outside(placement)
  await answering(url)
  return { unit, url, engine, [Symbol.asyncDispose]: () => unit[Symbol.asyncDispose]() }
}

/** What the program answers on a connection of its own, so that none that is open already is used. */
export function fresh(url: string, msMax = 1000): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = get(url, { agent: false, signal: AbortSignal.timeout(msMax) }, ({ statusCode }) =>
      resolve(statusCode),
    )
    asking.once('error', reject)
  })
}

export function inject(
  spec: FaultSpec,
  { unit, engine }: Lab,
  more: Partial<FaultTarget> = {},
): Promise<ActiveFault> {
  return (faultCatalog[spec.kind] as unknown as Fault).inject(spec, {
    unit,
    intend: (undo) => engine.intend(undo),
    ...more,
  })
}

export function processFaultContract(host: FaultHost): void {
  describe('the life of a process', () => {
    test.each(['SIGKILL', 'SIGTERM'] as const)(
      'kill %s: nothing answers; healed, a new process does',
      async (signal) => {
        await using lab = await openLab(host)
        const before = await lab.unit.inspect()
        const active = await inject({ kind: 'kill', signal }, lab)
        await expect(text(lab.url)).rejects.toThrow('fetch failed')
        await active.heal()
        await answering(lab.url)
        const after = await lab.unit.inspect()
        expect(after.pid).not.toBe(before.pid)
        expect(active.receipt()).toMatchObject({ bit: true, rung: 'engine' })
        expect(active.receipt().evidence).toMatch(
          new RegExp(`^process ${before.pid} ended by ${signal} .*, process ${after.pid} after the restart$`),
        )
      },
    )

    test('kill SIGSTOP: silent, and the same process after the heal', async () => {
      await using lab = await openLab(host)
      const before = await lab.unit.inspect()
      const active = await inject({ kind: 'kill', signal: 'SIGSTOP' }, lab)
      await expect(fetch(lab.url, { signal: AbortSignal.timeout(200) })).rejects.toThrow(/timeout/)
      await active.heal()
      expect(await text(lab.url)).toBe('up')
      expect((await lab.unit.inspect()).pid).toBe(before.pid)
      expect(active.receipt()).toMatchObject({ bit: true, evidence: expect.stringContaining('frozen for') })
    })

    test('stop: the program ends by its own will, and is back after the heal', async () => {
      await using lab = await openLab(host)
      const active = await inject({ kind: 'stop', graceMs: budgetMs }, lab)
      expect(await lab.unit.inspect()).toMatchObject({ status: 'exited', exitCode: 0 })
      await expect(text(lab.url)).rejects.toThrow('fetch failed')
      await active.heal()
      await active.heal()
      await answering(lab.url)
      expect(active.receipt()).toMatchObject({ bit: true })
      expect(active.receipt().evidence).toMatch(
        /after SIGTERM \(exit code 0\), process \d+ after the restart/,
      )
    })

    test('restart: down for the delay, then up again by itself', async () => {
      await using lab = await openLab(host)
      const active = await inject({ kind: 'restart', graceMs: budgetMs, delayMs: 300 }, lab)
      await expect(text(lab.url)).rejects.toThrow('fetch failed')
      const downAt = nowMs()
      await active.over
      await answering(lab.url)
      expect(nowMs() - downAt).toBeGreaterThan(250)
      await active.heal()
      expect(active.receipt()).toMatchObject({ bit: true })
    })

    test('restart: healed before its delay is over, it is up at once', async () => {
      await using lab = await openLab(host)
      const active = await inject({ kind: 'restart', graceMs: budgetMs, delayMs: 600_000 }, lab)
      await active.heal()
      expect(await answering(lab.url)).toBe('up')
    })

    test('crash loop: it comes back and is killed again, and lives in the end', async () => {
      await using lab = await openLab(host)
      const active = await inject({ kind: 'crash-loop', times: 3, intervalMs: 1000 }, lab)
      await expect(text(lab.url)).rejects.toThrow('fetch failed')
      await active.over
      await active.heal()
      expect(await answering(lab.url)).toBe('up')
      const { bit, evidence } = active.receipt()
      expect(bit).toBe(true)
      const [, pids = ''] = /^killed 3 of 3 times: processes (\d+, \d+, \d+)$/.exec(evidence) ?? []
      const dead = new Set(pids.split(', ').map(Number))
      expect(dead.size).toBe(3)
      expect(dead).not.toContain((await lab.unit.inspect()).pid)
      // At least one life between the first and the last was long enough to serve.
      expect(linesOf(lab.unit.logs(), 'stdout').length).toBeGreaterThanOrEqual(3)
    })

    test('crash loop: healed in the middle, it ends there', async () => {
      await using lab = await openLab(host)
      const active = await inject({ kind: 'crash-loop', times: 1000, intervalMs: 600_000 }, lab)
      await active.heal()
      expect(await answering(lab.url)).toBe('up')
      expect(active.receipt()).toMatchObject({ bit: false, evidence: expect.stringContaining('1 of 1000') })
    })
  })
}

export function resourceFaultContract(host: FaultHost): void {
  describe('what a process lives on', () => {
    test.runIf(host.offers('cpu'))(
      'cpu: the same work takes several times as long, until the heal',
      async () => {
        await using lab = await openLab(host)
        const burn = async (): Promise<number> => {
          const beganAt = nowMs()
          await text(`${lab.url}/burn?ms=150`)
          return nowMs() - beganAt
        }
        await burn()
        const freeMs = await burn()
        const active = await inject({ kind: 'cpu', cpus: 0.1 }, lab)
        // 150 ms of processor time at a tenth of a processor are 1500 ms, less one period.
        expect(await burn()).toBeGreaterThan(1200)
        await active.heal()
        expect(await burn()).toBeLessThan(Math.max(1000, 3 * freeMs))
        expect(active.receipt()).toMatchObject({ bit: true, rung: 'control group' })
      },
    )

    test.runIf(host.offers('memory'))(
      'memory: killed by the kernel when it wants more; healed, it may',
      async () => {
        await using lab = await openLab(host)
        const active = await inject({ kind: 'memory', headroomMb: 8 }, lab)
        expect(await text(lab.url)).toBe('up')
        await expect(text(`${lab.url}/grow?mb=64`)).rejects.toThrow('fetch failed')
        await exited(lab.unit)
        expect(await lab.unit.inspect()).toMatchObject({ exitCode: 137, oomKilled: true })
        await active.heal()
        await answering(lab.url)
        expect(await text(`${lab.url}/grow?mb=64`)).toBe('1')
        expect(active.receipt()).toMatchObject({
          bit: true,
          evidence: expect.stringContaining('was killed by the kernel (exit code 137)'),
        })
      },
    )

    test.runIf(host.offers('memory'))(
      'memory: a program that wants no more has not been bitten',
      async () => {
        await using lab = await openLab(host)
        const active = await inject({ kind: 'memory', headroomMb: 256 }, lab)
        await active.heal()
        expect(active.receipt()).toMatchObject({
          bit: false,
          evidence: expect.stringContaining('was not killed'),
        })
      },
    )

    test.runIf(host.offers('memory'))('memory: without any headroom, a little is too much', async () => {
      await using lab = await openLab(host)
      const active = await inject({ kind: 'memory', headroomMb: 0 }, lab)
      await text(`${lab.url}/grow?mb=6`).catch(() => undefined)
      await exited(lab.unit)
      await active.heal()
      await answering(lab.url)
      expect(active.receipt()).toMatchObject({ bit: true })
    })

    test.runIf(host.offers('processes'))('processes: nothing can be started, until the heal', async () => {
      await using lab = await openLab(host)
      expect(await text(`${lab.url}/spawn`)).toBe('spawned')
      const active = await inject({ kind: 'processes', spare: 0 }, lab)
      expect(await text(`${lab.url}/spawn`)).toBe('EAGAIN')
      await active.heal()
      expect(await text(`${lab.url}/spawn`)).toBe('spawned')
      expect(active.receipt()).toMatchObject({ bit: true })
    })

    test.runIf(host.offers('files'))('files: no new connection is served, until the heal', async () => {
      await using lab = await openLab(host)
      const active = await inject({ kind: 'files', spare: 0 }, lab)
      await expect(fresh(lab.url)).rejects.toThrow(/socket hang up|ECONNRESET|abort/)
      await active.heal()
      expect(await fresh(lab.url)).toBe(200)
      expect(active.receipt()).toMatchObject({ bit: true })
      expect(active.receipt().evidence).toMatch(/a new connection (was closed unanswered|stayed silent)/)
    })

    test.runIf(host.offers('disk-full'))('disk full: nothing can be written, until the heal', async () => {
      await using lab = await openLab(host, { dataBytesMax: 4 * 2 ** 20 })
      expect(await text(`${lab.url}/write?text=before`)).toBe('written')
      const active = await inject({ kind: 'disk-full', sizeMb: 4 }, lab)
      await expect(text(`${lab.url}/write?text=${'x'.repeat(9000)}`)).rejects.toThrow('ENOSPC')
      await active.heal()
      expect(await text(`${lab.url}/write?text=after`)).toBe('written')
      await lab.unit.kill('SIGKILL')
      await lab.unit.restart()
      await answering(lab.url)
      expect(await text(`${lab.url}/read`)).toBe('after')
      expect(active.receipt()).toMatchObject({ bit: true })
      expect(active.receipt().evidence).toMatch(/^0 bytes free of 4 MiB, \d+ before, \d+ after the heal$/)
    })

    test.runIf(host.offers('read-only'))('read only: nothing can be written, until the heal', async () => {
      await using lab = await openLab(host, { dataBytesMax: 4 * 2 ** 20 })
      expect(await text(`${lab.url}/write?text=before`)).toBe('written')
      const active = await inject({ kind: 'read-only', sizeMb: 4 }, lab)
      await expect(text(`${lab.url}/write?text=meanwhile`)).rejects.toThrow('EROFS')
      expect(await text(`${lab.url}/read`)).toBe('before')
      await active.heal()
      expect(await text(`${lab.url}/write?text=after`)).toBe('written')
      expect(active.receipt()).toMatchObject({ bit: true })
      expect(active.receipt().evidence).toBe('a write to its data folder: EROFS, written after the heal')
    })

    test.runIf(host.offers('connections'))('connections: the program has them, until the heal', async () => {
      await using lab = await openLab(host)
      const has = async (): Promise<number> => Number(await text(`${lab.url}/connections`))
      const before = await has()
      const active = await inject({ kind: 'connections', count: 100 }, lab)
      const count = (what: string, isSo: (count: number) => boolean): Promise<undefined> =>
        pollUntil({
          ...{ what, everyMs: 10, budgetMs },
          probe: async () => {
            const now = await has()
            return isSo(now) ? { done: true, value: undefined } : { done: false, saw: `${now}` }
          },
        })
      await count('the program has them', (now) => now >= before + 100)
      await active.heal()
      await count('the connections are gone', (now) => now <= before + 1)
      expect(active.receipt().evidence).toBe('100 of 100 connections held, 100 of them to the end')
    })
  })
}
