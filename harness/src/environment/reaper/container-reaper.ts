/**
 * The reaper of the docker engine: speaks Ryuk's protocol on a TCP port, so that testcontainers can use it as its
 * own (RYUK_CONTAINER_IMAGE). A client sends filters and stays connected for as long as it lives; each line is
 * answered with "ACK". When a client goes, what it had in force is healed at once, whoever else is there. Without any
 * client it removes what the filters match, and exits; its container is created with AutoRemove, so that it goes last
 * and by itself.
 */

import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { nowMs } from '../../support/clock.ts'
import { containerName, labels, ryukLabel } from '../labels.ts'
import { openClaims } from './claims.ts'
import { type Client, serveClient } from './client.ts'
import type { DockerObject } from './docker-object.ts'
import { askOverSocket, dockerObjectsOver } from './docker-socket.ts'
import { healIntents, type Undone } from './heal-intents.ts'
import { type Reaped, writeReaped } from './reaped.ts'
import { removeLabelled } from './remove-labelled.ts'
import type { Report } from './report.ts'
import { parseRequest } from './request.ts'
import { wayOf } from './undo/catalog.ts'
import type { ContainerHands } from './undo/undo.ts'
import { startVigil } from './vigil.ts'

export type ContainerReaperOptions = {
  readonly port: number
  readonly socketPath: string
  readonly connectionMs: number
  readonly reconnectionMs: number
  readonly removalBudgetMs: number
  /** A request line of kind `filter` that holds before any client has come. */
  readonly initialFilter: string | undefined
  /** The run whose units an undo may name; without one every undo is refused. */
  readonly runId: string | undefined
  /** See writeReaped. */
  readonly reportPath: string | undefined
}

export function runContainerReaper(options: ContainerReaperOptions, report: Report): void {
  const ask = askOverSocket(options.socketPath)
  const objects = dockerObjectsOver(ask)
  const clients = new Set<Client>()
  const claims = openClaims<Client>()
  const initial = initialFilters(options.initialFilter)
  const hands = handsFor(options.runId ?? '', ask, objects)
  const healer = openHealer(hands, (healed) => tell(healed))
  let why: Reaped['why'] = 'the harness was gone'

  const tell = (healed: readonly Undone[], rest: Partial<Reaped> = {}): void => {
    const at = new Date(healer.beganAt()).toISOString()
    const tookMs = Math.round(nowMs() - healer.beganAt())
    const reaped: Reaped = { run: options.runId ?? '', engine: 'docker', at, why, healed, tookMs, ...rest }
    writeReaped(options.reportPath, reaped)
    report('reaped', reaped)
  }
  const reap = async (): Promise<void> => {
    server.close()
    healer.begin()
    for (const client of clients) void healer.heal(client)
    const healed = await healer.healed()
    const filters = [...initial, ...[...clients].flatMap((client) => client.filters)]
    if (filters.length === 0) process.exit(0)
    const budgetMs = options.removalBudgetMs
    const { removed, left, lastError } = await removeLabelled({ objects, filters, spare: isReaper, budgetMs })
    if (healed.length + removed.length + left.length > 0) {
      const error = lastError === undefined ? {} : { error: lastError }
      tell(healed, { removed: removed.map(nameOf), left: left.map(nameOf), ...error })
    }
    process.exit(left.length === 0 ? 0 : 1)
  }
  const vigil = startVigil({ ...options, onDue: () => void reap() })
  const onGone = (client: Client): void => {
    report('client-disconnected', { ending: client.ending })
    if (client.ending === 'silent') why = 'the harness was silent for longer than its lease'
    // Nobody may put a fault in force where this one's are just being healed.
    void healer.heal(client).then(() => claims.giveBackAll(client))
  }
  const server = createServer((socket) => {
    // A client on another host may vanish without a word.
    socket.setKeepAlive(true, 5000)
    report('client-connected')
    const answer = (line: string): void => void (socket.writable && socket.write(line))
    clients.add(serveClient({ input: socket, answer, vigil, claims, report, onGone }))
  })
  server.listen(options.port, () => report('started', { message: 'Started', port: options.port }))
  process.once('SIGTERM', () => {
    why = 'asked to end'
    vigil.end()
  })
}

/** Heals one client after the other: two that go at once must not heal into each other. */
function openHealer(hands: ContainerHands, onHealed: (healed: readonly Undone[]) => void) {
  let beganAt = nowMs()
  let isIdle = true
  let healing: Promise<Undone[]> = Promise.resolve([])
  const begin = (): void => {
    if (isIdle) beganAt = nowMs()
    isIdle = false
  }
  return {
    begin,
    /** When the work under way began. */
    beganAt: () => beganAt,
    /** Resolves when what this client had in force is healed. */
    heal: async (client: Client): Promise<void> => {
      const undos = [...client.intents.values()]
      client.intents.clear()
      if (undos.length === 0) return
      begin()
      healing = healing.then(async (before) => {
        const healed = [
          ...before,
          ...(await healIntents(undos, (undo) => wayOf(undo).inContainer(undo, hands))),
        ]
        onHealed(healed)
        isIdle = true
        return healed
      })
      await healing
    },
    /** What was healed so far, once nothing is under way. */
    healed: () => healing,
  }
}

/** Reaches what carries the label of the run, and nothing else. */
function handsFor(
  runId: string,
  ask: ContainerHands['ask'],
  objects: ReturnType<typeof dockerObjectsOver>,
): ContainerHands {
  return {
    ask,
    containerOf: async (unit) => {
      if (runId === '') throw new Error('no run is guarded')
      // By its whole name: containers beside a unit, as the keeper of its disk, carry its label too.
      const found = await objects.list('container', [`${labels.run}=${runId}`])
      return found.find(({ name }) => name === containerName(runId, unit))?.id
    },
  }
}

function initialFilters(line: string | undefined): (readonly string[])[] {
  const request = line === undefined ? undefined : parseRequest(line)
  return request?.kind === 'filter' ? [request.labels] : []
}

/** Itself above all (the host name of a container is the start of its id); and no other reaper either. */
function isReaper(object: DockerObject): boolean {
  const itself = object.kind === 'container' && object.id.startsWith(hostname())
  return itself || object.labels[labels.role] === 'reaper' || object.labels[ryukLabel] === 'true'
}

function nameOf(object: DockerObject): string {
  return `${object.kind} ${object.name}`
}
