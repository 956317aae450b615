/** One client of the reaper, from its first line to its end: what it wants removed, and what it has in force. */
import type { Readable } from 'node:stream'
import type { Claims, ListedClaim } from './claims.ts'
import { type Lease, startLease } from './lease.ts'
import { readLines } from './lines.ts'
import type { Report } from './report.ts'
import { parseRequest, type ReaperRequest, type ReaperState } from './request.ts'
import type { Undo } from './undo/undo.ts'
import type { Vigil } from './vigil.ts'

export type Client = {
  /** What is to be removed; stays when the client goes, unless it said "done". */
  readonly filters: (readonly string[])[]
  /** Processes of the process engine. */
  readonly processes: { readonly owner: string; readonly unit: string }[]
  /** Faults in force, in the order in which they were intended. */
  readonly intents: Map<string, Undo>
  /** Asks it to heal what it has claimed. */
  recall(): void
  /** Why it counts as gone: it let go, or it was silent for longer than its lease. */
  ending: 'disconnected' | 'silent'
}

export type ClientOptions = {
  readonly input: Readable
  readonly answer: (line: string) => void
  readonly vigil: Vigil
  readonly claims: Claims<Client>
  readonly report: Report
  /** Told once, before the vigil is: there may be something to heal. */
  readonly onGone: (client: Client) => void
}

export function serveClient(options: ClientOptions): Client {
  const { input, answer, vigil, report, onGone } = options
  const recall = (): void => answer('HEAL\n')
  const client: Client = { filters: [], processes: [], intents: new Map(), recall, ending: 'disconnected' }
  let lease: Lease | undefined
  vigil.connected()
  readLines(input, (line) => {
    lease?.heard()
    const request = parseRequest(line)
    let told: unknown
    if (request?.kind === 'alive') {
      lease ??= startLease(request.ttlMs, () => {
        client.ending = 'silent'
        input.destroy()
      })
    } else if (request) told = take(request, client, options)
    else report('not-understood', { line })
    const more = told === undefined ? '' : ` ${JSON.stringify(told)}`
    answer(request ? `ACK${more}\n` : 'ERR\n')
  })
  input.on('error', () => undefined)
  input.once('close', () => {
    lease?.[Symbol.dispose]()
    onGone(client)
    vigil.disconnected()
  })
  return client
}

/** @returns what the answer tells besides that the request was taken. */
function take(
  request: Exclude<ReaperRequest, { kind: 'alive' }>,
  client: Client,
  { vigil, claims }: Pick<ClientOptions, 'vigil' | 'claims'>,
): ReaperState | ListedClaim | undefined {
  if (request.kind === 'claim') return claims.take(client, request.id, request.claim)
  if (request.kind === 'list') return stateOf(vigil, claims)
  if (request.kind === 'unclaim') claims.giveBack(client, request.id)
  if (request.kind === 'recall') claims.recall()
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
  return undefined
}

function stateOf(vigil: Vigil, claims: Claims<Client>): ReaperState {
  const leaseLeftMs = vigil.leaseLeftMs()
  return { ...(leaseLeftMs !== undefined && { leaseLeftMs: Math.round(leaseLeftMs) }), claims: claims.list() }
}
