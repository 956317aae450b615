/**
 * The agent: holds a shaper and obeys the lines of its input. It ends with its input, so whoever started it holds a
 * dead man's switch: when they die, however they die, the pipe closes and the network is normal again.
 */
import { createInterface } from 'node:readline'
import { messageOf, NetemError } from '../errors.ts'
import { type Ladder, RungLadder } from '../rung/ladder.ts'
import type { Counts, Rung, Way } from '../shaper.ts'
import type { Impairment } from '../spec/impairment.ts'
import { type SettledImpairment, settle } from '../spec/settled-impairment.ts'
import { chooseDevice } from '../userspace/network-device.ts'
import { type AgentEvent, type EndReason, type Receipt, receiptOf } from './receipt.ts'
import { parseRequest } from './requests.ts'

export type AgentOptions = {
  /** That of the default route when left out. */
  readonly device: string | undefined
  /** The best that can do it when left out. */
  readonly rung: Rung | undefined
  /** How the userspace rung gets at packets; the best that can be had when left out. */
  readonly way: Way | undefined
  readonly workerProgram: URL
  readonly input: NodeJS.ReadableStream
  readonly print: (event: AgentEvent) => void
  /** Aborted when the process is told to end. */
  readonly signal: AbortSignal
}

/** Resolves when the input has ended, held packets are on their way and the worker has gone. @throws NetemError */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { print, input, signal } = options
  const shaper = new RungLadder({ ...options, device: chooseDevice(options.device) })
  const inForce = new InForce(shaper)
  await shaper.isWarm
  print({ event: 'ready', device: shaper.device, pid: process.pid })
  const lines = createInterface({ input })
  const stop = () => lines.close()
  signal.addEventListener('abort', stop, { once: true })
  // A dead worker impairs nothing; there is no point in reading on.
  const died = shaper.gone.finally(stop)
  died.catch(() => undefined)
  try {
    for await (const line of lines) {
      if (line.trim() !== '') await obey(line, inForce, print)
    }
    const receipt = await inForce.end()
    const reason: EndReason = signal.aborted ? 'signal' : 'end of input'
    if (receipt) print({ event: 'ended', reason, ...receipt })
    await died
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function obey(line: string, inForce: InForce, print: (event: AgentEvent) => void): Promise<void> {
  try {
    const request = parseRequest(line)
    if (request.do === 'report') {
      print({ event: 'report', ...(await inForce.receipt()) })
      return
    }
    const beganMs = performance.now()
    const replaced = inForce.isAny ? await inForce.receipt() : undefined
    await inForce.replace(request.impairments)
    const tookMs = Math.round((performance.now() - beganMs) * 1000) / 1000
    if (replaced) print({ event: 'ended', reason: 'replaced', ...replaced })
    print({ event: 'applied', tookMs, ...(await inForce.receipt()) })
  } catch (error) {
    if (!(error instanceof NetemError) || error.code === 'shaper-died') throw error
    print({ event: 'refused', code: error.code, message: messageOf(error) })
  }
}

/** The impairments in force, and the counters from when they came into force. */
class InForce {
  readonly #shaper: Ladder
  #impairments: readonly SettledImpairment[] = []
  #before: Counts = { seen: 0, lost: 0 }

  constructor(shaper: Ladder) {
    this.#shaper = shaper
  }

  get isAny(): boolean {
    return this.#impairments.length > 0
  }

  async replace(impairments: readonly Impairment[]): Promise<void> {
    const settled = settle(impairments)
    // Before and not after: a packet that is struck at once is counted, and each is in one receipt only.
    const before = await this.#shaper.counts()
    await this.#shaper.apply(settled)
    this.#impairments = settled
    this.#before = before
  }

  async receipt(): Promise<Receipt> {
    return receiptOf(this.#shaper, this.#impairments, this.#before, await this.#shaper.counts())
  }

  /** The last receipt, after the held packets have gone; nothing if nothing was in force. */
  async end(): Promise<Receipt | undefined> {
    await this.#shaper.end()
    return this.isAny ? await this.receipt() : undefined
  }
}
