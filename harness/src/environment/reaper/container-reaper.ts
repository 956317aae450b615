/**
 * The reaper of the docker engine: speaks Ryuk's protocol on a TCP port, so that testcontainers can use it as its
 * own (RYUK_CONTAINER_IMAGE). A client sends filters and stays connected for as long as it lives; each line is
 * answered with "ACK". Without a client it removes what the filters match, and exits; its container is created with
 * AutoRemove, so that it goes last and by itself.
 */

import { createServer, type Socket } from 'node:net'
import { hostname } from 'node:os'
import { labels, ryukLabel } from '../labels.ts'
import type { DockerObject } from './docker-object.ts'
import { dockerOverSocket } from './docker-socket.ts'
import { readLines } from './lines.ts'
import { removeLabelled } from './remove-labelled.ts'
import type { Report } from './report.ts'
import { parseRequest } from './request.ts'
import { startVigil, type Vigil } from './vigil.ts'

export type ContainerReaperOptions = {
  readonly port: number
  readonly socketPath: string
  readonly connectionMs: number
  readonly reconnectionMs: number
  readonly removalBudgetMs: number
  /** A request line of kind `filter` that holds before any client has come. */
  readonly initialFilter: string | undefined
}

export function runContainerReaper(options: ContainerReaperOptions, report: Report): void {
  /** The filters of each client; they stay when it disconnects. */
  const filters: (readonly string[])[][] = [initialFilters(options.initialFilter)]
  const reap = async (): Promise<void> => {
    server.close()
    if (filters.flat().length === 0) process.exit(0)
    const removal = await removeLabelled({
      objects: dockerOverSocket(options.socketPath),
      filters: filters.flat(),
      spare: isReaper,
      budgetMs: options.removalBudgetMs,
    })
    report('reaped', {
      removed: removal.removed.map(nameOf),
      left: removal.left.map(nameOf),
      error: removal.lastError,
    })
    process.exit(removal.left.length === 0 ? 0 : 1)
  }
  const vigil = startVigil({ ...options, onDue: () => void reap() })
  const server = createServer((socket) => {
    const own: (readonly string[])[] = []
    filters.push(own)
    serveClient(socket, own, vigil, report)
  })
  server.listen(options.port, () => report('started', { message: 'Started', port: options.port }))
  process.once('SIGTERM', () => vigil.end())
}

function initialFilters(line: string | undefined): (readonly string[])[] {
  const request = line === undefined ? undefined : parseRequest(line)
  return request?.kind === 'filter' ? [request.labels] : []
}

function serveClient(socket: Socket, filters: (readonly string[])[], vigil: Vigil, report: Report): void {
  // A client on another host may vanish without a word.
  socket.setKeepAlive(true, 5000)
  vigil.connected()
  report('client-connected')
  readLines(socket, (line) => {
    const request = parseRequest(line)
    if (request?.kind === 'filter') filters.push(request.labels)
    if (request?.kind === 'lease') vigil.lease(request.ms)
    if (request?.kind === 'done') {
      filters.length = 0
      vigil.release()
    }
    if (!request) report('not-understood', { line })
    socket.write('ACK\n')
  })
  socket.on('error', () => undefined)
  socket.once('close', () => {
    report('client-disconnected')
    vigil.disconnected()
  })
}

/** Itself above all (the host name of a container is the start of its id); and no other reaper either. */
function isReaper(object: DockerObject): boolean {
  const itself = object.kind === 'container' && object.id.startsWith(hostname())
  return itself || object.labels[labels.role] === 'reaper' || object.labels[ryukLabel] === 'true'
}

function nameOf(object: DockerObject): string {
  return `${object.kind} ${object.name}`
}
