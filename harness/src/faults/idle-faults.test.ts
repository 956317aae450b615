/** The receipt of every kind is negative when its engine does nothing: no fault may claim what it only intended. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type EffectName, type Effects, openLink, type Receipt } from '@squall/netem'
import { describe, expect, test } from 'vitest'
import type { EffectAgent, NetworkAgent } from '../environment/abilities.ts'
import type { Placement, Unit } from '../environment/engine.ts'
import type { FaultKind, FaultSpec } from '../spec/fault-plan.ts'
import { faultCatalog } from './catalog.ts'
import type { Fault } from './fault.ts'

/** One fault of each kind; a kind that is missing here does not compile. */
const samples: { readonly [Kind in FaultKind]: Extract<FaultSpec, { kind: Kind }> } = {
  noop: { kind: 'noop' },
  kill: { kind: 'kill', signal: 'SIGKILL' },
  stop: { kind: 'stop', graceMs: 1 },
  restart: { kind: 'restart', graceMs: 1, delayMs: 0 },
  pause: { kind: 'pause' },
  'crash-loop': { kind: 'crash-loop', times: 2, intervalMs: 0 },
  cpu: { kind: 'cpu', cpus: 0.1 },
  memory: { kind: 'memory', headroomMb: 1 },
  processes: { kind: 'processes', spare: 1 },
  files: { kind: 'files', spare: 0 },
  'disk-full': { kind: 'disk-full', sizeMb: 1 },
  'read-only': { kind: 'read-only', sizeMb: 1 },
  connections: { kind: 'connections', count: 3 },
  network: { kind: 'network', impair: 'loss 50%', onRestart: 'reapply' },
  partition: { kind: 'partition', from: 'everybody', direction: 'both', how: 'drop' },
  dns: { kind: 'dns', names: ['upstream'], failure: 'nxdomain' },
  link: { kind: 'link', toward: 'clients', stall: {} },
  protocol: { kind: 'protocol', point: 'comfyui.ws.status', action: { kind: 'drop' } },
}

describe('a fault that does nothing says so', () => {
  test.each(Object.values(samples))(
    '$kind',
    async (spec) => {
      await using idle = await idleUnit(spec.kind)
      const control = { arm: async () => 'f1', heal: async () => undefined, token: 't' }
      const fault = faultCatalog[spec.kind] as unknown as Fault
      // Nobody comes by here.
      const listen = { host: '127.0.0.1', port: 0 }
      await using link = await openLink({ listen, service: listen })
      const active = await fault.inject(spec, {
        unit: idle.unit,
        control,
        link,
        intend: async () => async () => undefined,
      })
      await active.heal()
      expect(active.receipt().bit).toBe(false)
      expect(active.receipt().evidence).not.toBe('')
    },
    20_000,
  )
})

/** A unit that takes every order and obeys none. Its server answers; for connections it has none. */
async function idleUnit(kind: FaultKind): Promise<AsyncDisposable & { readonly unit: Unit }> {
  const server = createServer((_request, response) => response.end('up'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
  if (kind === 'connections') await close()
  const nothing = async (): Promise<void> => undefined
  const address = { host: '127.0.0.1', port }
  const placement: Placement = {
    name: 'idle',
    ports: { http: { listen: address, inside: address, outside: address } },
    dataFolder: '/data',
  }
  const unit: Unit = {
    name: 'idle',
    placement,
    inspect: async () => ({ status: 'running', pid: 1 }),
    ...{ kill: nothing, restart: nothing, stop: nothing, pause: nothing, unpause: nothing },
    stats: async () => ({ cpuSeconds: 0, memoryBytes: 0 }),
    controlGroup: {
      limit: nothing,
      asUpdate: async () => ({}),
      usage: async () => ({ throttledPeriods: 7, memoryBytes: 1, tasks: 1 }),
    },
    openFiles: {
      count: async () => ({ open: 9, firstFree: 9, limit: 1024 }),
      ...{ limit: nothing, undo: () => undefined, close: nothing },
    },
    network: {
      packets: { sideUnit: 'idle-netem', open: async () => idleAgent(), standBy: nothing },
      effects: {
        partition: {
          sideUnit: 'idle-partition',
          open: async () => idleEffect('partition'),
          standBy: nothing,
        },
        names: { sideUnit: 'idle-names', open: async () => idleEffect('names'), standBy: nothing },
      },
      addressOf: async () => '127.0.0.1',
      watch: async () => ({ [Symbol.dispose]: () => undefined }),
    },
    dataDisk: {
      ...{ sizeBytes: 2 ** 20, freeBytes: async () => 2 ** 20, fill: nothing, clear: nothing },
      ...{ seal: nothing, unseal: nothing, writeFailure: async () => undefined },
      undo: { kind: 'free-disk', unit: 'idle', folder: '/data' },
    },
    onLine: () => ({ [Symbol.dispose]: () => undefined }),
    logs: () => [],
    [Symbol.asyncDispose]: nothing,
  }
  return { unit, [Symbol.asyncDispose]: () => (server.listening ? close() : Promise.resolve()) }
}

/** Packets go by, and it touches none. */
function idleAgent(): NetworkAgent {
  const receipt: Receipt = {
    rung: 'userspace',
    steppedDown: [],
    device: 'eth0',
    isSeeded: true,
    failsOpen: true,
    impairments: ['loss 50% seed 1'],
    before: { seen: 3, lost: 1 },
    after: { seen: 9, lost: 1, delivered: 9, delayed: 0 },
  }
  const tell = async (): Promise<Receipt> => receipt
  return { apply: tell, report: tell, close: tell, gone: new Promise(() => undefined) }
}

/** In force, and nobody came by. */
function idleEffect<Name extends EffectName>(name: Name): EffectAgent<Name> {
  const receipts: { readonly [Key in EffectName]: Effects[Key]['receipt'] } = {
    partition: {
      rung: 'nftables',
      partition: 'drop both everybody',
      refused: { in: 0, out: 0 },
      cuts: 1,
      cutMs: 9,
    },
    names: {
      rung: 'nftables',
      fault: 'nxdomain for upstream',
      questions: { failed: 0, silenced: 0, delayed: 0, passed: 5 },
    },
  }
  const tell = async (): Promise<Effects[Name]['receipt']> => receipts[name]
  return { apply: tell, report: tell, close: tell, gone: new Promise(() => undefined) }
}
