/** Talking to an agent over two streams: one request, one answer. */
import { createInterface } from 'node:readline'
import type { AgentEvent, Receipt } from '../agent/receipt.ts'
import { NetemError } from '../errors.ts'
import type { Impairment } from '../spec/impairment.ts'

export type AgentStreams = {
  readonly input: NodeJS.WritableStream
  readonly output: NodeJS.ReadableStream
  /** What the agent wrote besides events. */
  complaints(): string
}

export type AgentClient = {
  /** @throws NetemError as the agent refused it; the old stays in force */
  apply(impairments: readonly Impairment[]): Promise<Receipt>
  report(): Promise<Receipt>
  /** Heals; the last receipt, if anything was in force. */
  end(): Promise<Receipt | undefined>
}

/** One request at a time. @throws NetemError `shaper-died`, or as the agent refused to start */
export async function connectAgent(streams: AgentStreams): Promise<AgentClient> {
  const events = createInterface({ input: streams.output })[Symbol.asyncIterator]()
  const next = async (): Promise<AgentEvent> => {
    const line = await events.next()
    if (line.done) {
      const lines = streams.complaints().split('\n')
      const complaint = lines.find((it) => /^\w*Error\b/.test(it)) ?? ''
      throw new NetemError(
        'shaper-died',
        `Cannot go on shaping: the agent is gone${complaint && `; it said: ${complaint}`}`,
      )
    }
    return JSON.parse(line.value) as AgentEvent
  }
  const answer = async (wanted: AgentEvent['event']): Promise<Receipt> => {
    for (;;) {
      const event = await next()
      if (event.event === 'refused') throw new NetemError(event.code, event.message)
      if (event.event === wanted && 'rung' in event) return receiptIn(event)
    }
  }
  const ask = async (request: object, wanted: AgentEvent['event']): Promise<Receipt> => {
    streams.input.write(`${JSON.stringify(request)}\n`)
    return await answer(wanted)
  }
  const ready = await next()
  if (ready.event === 'refused') throw new NetemError(ready.code, ready.message)
  let isAny = false
  return {
    apply: async (impairments) => {
      const receipt = await ask({ do: 'apply', impairments }, 'applied')
      isAny = impairments.length > 0
      return receipt
    },
    report: async () => await ask({ do: 'report' }, 'report'),
    end: async () => {
      streams.input.end()
      return isAny ? await answer('ended') : undefined
    },
  }
}

function receiptIn({
  rung,
  steppedDown,
  device,
  isSeeded,
  failsOpen,
  impairments,
  before,
  after,
  late,
}: Receipt): Receipt {
  return { rung, steppedDown, device, isSeeded, failsOpen, impairments, before, after, ...(late && { late }) }
}
