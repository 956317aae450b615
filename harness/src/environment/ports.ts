/**
 * Host ports for units. They are chosen before anything runs and stay the same while a unit is killed, restarted or
 * paused, so they come from below the ephemeral range (an outgoing connection must not take one meanwhile) and are
 * reserved by a file each, so that two runs on one machine never choose the same one.
 *
 * Why not port 0: the port of a killed unit would be free for anyone, and Docker gives another one after each
 * restart (measured on Engine 20.10: 32783 -> 32787).
 */
import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EngineError } from './engine-error.ts'
import { ownerIsAlive, ownOwner } from './owner.ts'

const firstPort = 20_000
/** Linux hands out ephemeral ports from 32768 on. */
const lastPort = 31_999
/** With a handful of runs on a machine the first draw is free; this many in a row means something is wrong. */
const drawsMax = 200

/** One file per reserved port; in it its owner (owner.ts), and after a space the run. */
const folder = join(tmpdir(), 'squall-ports')

export type PortPool = Disposable & {
  /** A free port of this machine's loopback, reserved until the pool is disposed. */
  take(): Promise<number>
}

/**
 * @param probe whether to look if something listens there already; not possible for a remote Docker host.
 */
export function openPortPool(options: { readonly probe: boolean; readonly runId: string }): PortPool {
  const taken: string[] = []
  mkdirSync(folder, { recursive: true })
  removeStaleReservations()
  return {
    take: async () => {
      for (let draw = 0; draw < drawsMax; draw++) {
        const port = randomInt(firstPort, lastPort + 1)
        const file = join(folder, String(port))
        if (!reserve(file, options.runId)) continue
        taken.push(file)
        if (!options.probe || (await isFree(port))) return port
      }
      throw new EngineError(
        'port-in-use',
        `Cannot find a free port: ${drawsMax} draws from ${firstPort}-${lastPort} were all taken; ` +
          'end other runs ("squall status") or the programs that listen there',
      )
    },
    [Symbol.dispose]: () => {
      for (const file of taken.splice(0)) rmSync(file, { force: true })
    },
  }
}

/** Frees the ports whose owner is gone. Not needed for correctness: a stale reservation also falls when it is met. */
export function removeStaleReservations(): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    if (ownerIsAlive(readOwner(file)) === false) rmSync(file, { force: true })
  }
}

/** Every reservation in force on this machine: one whose owner is gone holds nothing. */
export function findReservations(): { readonly port: number; readonly runId: string }[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => {
    const [owner = '', runId = ''] = read(join(folder, name)).split(' ')
    return ownerIsAlive(owner) === false ? [] : [{ port: Number(name), runId }]
  })
}

/** False when somebody else holds it. A reservation of a dead process is removed, for the next draw. */
function reserve(file: string, runId: string): boolean {
  try {
    writeFileSync(file, `${ownOwner()} ${runId}`, { flag: 'wx' })
    return true
  } catch {
    if (ownerIsAlive(readOwner(file)) === false) rmSync(file, { force: true })
    return false
  }
}

function readOwner(file: string): string {
  return read(file).split(' ')[0] ?? ''
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** Whether nobody listens on this port of the loopback. */
export function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
