/**
 * The userspace rung as the main thread sees it: a handle to the worker that does the work. The main thread never
 * touches a packet. When the process dies, however it dies, its file descriptors go and the traffic flows as before.
 */
import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import { messageOf, NetemError } from '../errors.ts'
import type { Shaper, StepDown, Way } from '../shaper.ts'
import { Counters } from './counters.ts'
import { addressOf, close, eventfd, must, write } from './libc.ts'
import { eventfdCloseOnExec } from './linux.ts'
import type { WorkerAnswer, WorkerCall, WorkerStart } from './worker-messages.ts'

export type UserspaceOptions = {
  readonly device: string
  /** How it gets at packets; the best that can be had when left out. */
  readonly way?: Way | undefined
  /** The program whose worker calls `runShaperWorker`. */
  readonly workerProgram: URL
}

/** Begins at the first `apply`, which throws what is missing. */
export function openUserspaceShaper({ device, way, workerProgram }: UserspaceOptions): Shaper {
  const counters = new Counters()
  const callFd = must(eventfd(0, eventfdCloseOnExec), 'make an eventfd')
  const { port1: port, port2 } = new MessageChannel()
  const start: WorkerStart = { kind: 'shaper', device, way, callFd, counters: counters.memory, port: port2 }
  const worker = new Worker(workerProgram, { workerData: start, transferList: [port2] })
  const ticket = Buffer.alloc(8)
  ticket.writeBigUInt64LE(1n)

  const life = { isOver: false }
  const taken: { way: Way | undefined; steppedDown: readonly StepDown[] } = {
    way: undefined,
    steppedDown: [],
  }
  const gone = watch(worker).finally(() => {
    life.isOver = true
    port.close()
    close(callFd)
  })
  gone.catch(() => undefined) // whoever calls gets it too
  const goneEarly = async (): Promise<never> => {
    await gone
    throw new NetemError('shaper-died', 'Cannot go on shaping: the worker has ended')
  }
  const call = async (what: WorkerCall, orGone: () => Promise<void>): Promise<void> => {
    // Its file descriptor is closed then, and the number may be somebody else's by now.
    if (life.isOver) await goneEarly()
    const answered = once(port, 'message') as Promise<[WorkerAnswer]>
    port.postMessage(what)
    must(write(callFd, addressOf(ticket), ticket.length), 'wake the shaper')
    const [answer] = (await Promise.race([answered, orGone()])) ?? []
    if (answer?.kind === 'refused') throw new NetemError(answer.code ?? 'shaper-died', answer.message)
    if (answer !== undefined) Object.assign(taken, { way: answer.way, steppedDown: answer.steppedDown })
  }
  return {
    rung: 'userspace',
    device,
    get way() {
      return taken.way
    },
    get steppedDown() {
      return taken.steppedDown
    },
    isSeeded: true,
    failsOpen: true,
    gone,
    counts: async () => counters.read(),
    apply: async (impairments) => await call({ kind: 'apply', impairments }, goneEarly),
    // On a slow machine it is gone before its answer is read, and that is what was asked for.
    end: async () => await call({ kind: 'end' }, async () => await gone),
  }
}

/** @throws NetemError `shaper-died` */
async function watch(worker: Worker): Promise<void> {
  const [code] = (await once(worker, 'exit').catch((error: unknown) => {
    throw new NetemError('shaper-died', `Cannot go on shaping: the worker failed: ${messageOf(error)}`, {
      cause: error,
    })
  })) as [number]
  if (code !== 0) {
    throw new NetemError('shaper-died', `Cannot go on shaping: the worker ended with code ${code}`)
  }
}
