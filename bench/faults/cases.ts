/**
 * What is done per kind of fault and how a client sees it. Most kinds strike the ComfyUI twin; those whose effect needs
 * a program that wants something (memory, processes, connections, a name) strike the server of the harness's own
 * contract tests, which can be made to want it. Harm to connections is done in a proxy before that server.
 */
import { isIP } from 'node:net'
import type { EngineKind, FaultSpec, Unit } from '@squall/harness'
import { answers, answersInTime, answersWith, storesFile } from './watch.ts'

export type Case = {
  readonly spec: FaultSpec
  readonly on: 'twin' | 'server' | 'linked server'
  /** Whether all is normal, as a client sees it. */
  readonly look: (url: string) => Promise<boolean>
  /** Pace of the looks, which is how exact the figures are. 5 when left out. */
  readonly everyMs?: number
  /** What the program is made to want as soon as the fault is in force. */
  readonly want?: (url: string) => Promise<unknown>
  /** From the first effect to the heal, so that the receipt has its evidence: of kinds whose counting takes time. */
  readonly holdMs?: number
  /** Whether the unit has what the fault needs. Always when left out. */
  readonly isOffered?: (unit: Unit, engine: EngineKind) => boolean
}

/** An idle twin answers in 1 to 5 ms; one that must wait for its share, in 100. */
const slowMs = 50
/** Far more than a client of this benchmark has open. */
const manyConnections = 100

const status = (url: string): Promise<boolean> => answers(`${url}/system_stats`)
const inTime = (url: string): Promise<boolean> => answersInTime(`${url}/system_stats`, slowMs)
const hasNetwork = ({ network }: Unit): boolean => network !== undefined
const hasDataDisk = ({ dataDisk }: Unit): boolean => dataDisk !== undefined
const hasControlGroup = ({ controlGroup }: Unit): boolean => controlGroup !== undefined

export const cases: readonly Case[] = [
  { spec: { kind: 'kill', signal: 'SIGKILL' }, on: 'twin', look: status },
  { spec: { kind: 'stop', graceMs: 10_000 }, on: 'twin', look: status },
  // Healed before it comes back by itself.
  { spec: { kind: 'restart', graceMs: 10_000, delayMs: 600_000 }, on: 'twin', look: status },
  // It has bitten when it has killed as often as it says.
  { spec: { kind: 'crash-loop', times: 2, intervalMs: 0 }, on: 'twin', look: status, holdMs: 1500 },
  { spec: { kind: 'pause' }, on: 'twin', look: status },
  {
    spec: {
      ...{ kind: 'protocol', point: 'comfyui.http.system-stats' },
      action: { kind: 'status', status: 503 },
    },
    on: 'twin',
    look: status,
  },
  { spec: { kind: 'files', spare: 0 }, on: 'twin', look: status },
  // The engine counts once a second.
  { spec: { kind: 'cpu', cpus: 0.02 }, on: 'twin', look: inTime, holdMs: 1500, isOffered: hasControlGroup },
  {
    spec: { kind: 'disk-full', sizeMb: 64 },
    on: 'twin',
    look: storesFile,
    isOffered: hasDataDisk,
  },
  {
    spec: { kind: 'read-only', sizeMb: 64 },
    on: 'twin',
    // It takes the disk when no file is open for writing, and each look has one.
    everyMs: 20,
    look: storesFile,
    isOffered: hasDataDisk,
  },
  {
    spec: { kind: 'memory', headroomMb: 16 },
    on: 'server',
    look: answers,
    want: (url) => answers(`${url}/grow?mb=128`),
    holdMs: 300,
    isOffered: hasControlGroup,
  },
  {
    spec: { kind: 'processes', spare: 0 },
    on: 'server',
    // Starting a program takes the server some 40 ms each time.
    everyMs: 100,
    look: (url) => answersWith(`${url}/spawn`, (text) => text === 'spawned'),
    isOffered: hasControlGroup,
  },
  {
    spec: { kind: 'connections', count: manyConnections },
    on: 'server',
    look: (url) => answersWith(`${url}/connections`, (text) => Number(text) < manyConnections / 2),
  },
  {
    spec: { kind: 'network', impair: 'delay 100ms direction out', onRestart: 'end' },
    on: 'twin',
    look: inTime,
    isOffered: hasNetwork,
  },
  {
    spec: { kind: 'partition', from: 'everybody', direction: 'both', how: 'reject' },
    on: 'twin',
    look: status,
    isOffered: hasNetwork,
  },
  {
    spec: { kind: 'dns', names: ['comfyui'], failure: 'nxdomain' },
    on: 'server',
    // The C library looks up four names at a time.
    everyMs: 20,
    look: (url) => answersWith(`${url}/lookup?name=comfyui`, (text) => isIP(text) > 0),
    isOffered: hasNetwork,
  },
  {
    spec: { kind: 'link', toward: 'clients', direction: 'down', delay: { meanMs: 100 } },
    on: 'linked server',
    look: (url) => answersInTime(url, slowMs),
  },
]
