/** One client of the reaper, from its first line to its end: what it wants removed, and what it has in force. */
import type { Readable } from 'node:stream'
import { type Lease, startLease } from './lease.ts'
import { readLines } from './lines.ts'
import type { Report } from './report.ts'
import { parseRequest, type ReaperRequest } from './request.ts'
import type { Undo } from './undo/undo.ts'
import type { Vigil } from './vigil.ts'

export type Client = {
  /** What is to be removed; stays when the client goes, unless it said "done". */
  readonly filters: (readonly string[])[]
  /** Processes of the process engine. */
  readonly processes: { readonly owner: string; readonly unit: string }[]
  /** Faults in force, in the order in which they were intended. */
  readonly intents: Map<string, Undo>
  /** Why it counts as gone: it let go, or it was silent for longer than its lease. */
  ending: 'disconnected' | 'silent'
}

export type ClientOptions = {
  readonly input: Readable
  readonly answer: (line: string) => void
  readonly vigil: Vigil
  readonly report: Report
  /** Told once, before the vigil is: there may be something to heal. */
  readonly onGone: (client: Client) => void
}

export function serveClient({ input, answer, vigil, report, onGone }: ClientOptions): Client {
  const client: Client = { filters: [], processes: [], intents: new Map(), ending: 'disconnected' }
  let lease: Lease | undefined
  vigil.connected()
  readLines(input, (line) => {
    lease?.heard()
    const request = parseRequest(line)
    if (request?.kind === 'alive') {
      lease ??= startLease(request.ttlMs, () => {
        client.ending = 'silent'
        input.destroy()
      })
    } else if (request) take(request, client, vigil)
    else report('not-understood', { line })
    answer(request ? 'ACK\n' : 'ERR\n')
  })
  input.on('error', () => undefined)
  input.once('close', () => {
    lease?.[Symbol.dispose]()
    onGone(client)
    vigil.disconnected()
  })
  return client
}

function take(request: Exclude<ReaperRequest, { kind: 'alive' }>, client: Client, vigil: Vigil): void {
  if (request.kind === 'filter') client.filters.push(request.labels)
  if (request.kind === 'process') client.processes.push(request)
  if (request.kind === 'intend') client.intents.set(request.id, request.undo)
  if (request.kind === 'withdraw') client.intents.delete(request.id)
  if (request.kind === 'lease') vigil.lease(request.ms)
  if (request.kind === 'done') {
    client.filters.length = 0
    client.intents.clear()
    vigil.release()
  }
}
