/**
 * An agent for what is in force or not, and needs no device and no worker: partitions, failing names. Its lines are
 * those of the shaper's agent: it reads `{"do":"apply","what":...}` and `{"do":"report"}`, and ends with its input.
 */
import { createInterface } from 'node:readline'
import * as v from 'valibot'
import { messageOf, NetemError, type NetemErrorCode } from '../errors.ts'
import type { EndReason } from './receipt.ts'

/** Something in force. */
export type Effect<Receipt> = {
  /** Evidence from when it came into force. */
  receipt(): Receipt
  /** The network is normal again. */
  end(): Promise<void>
  /** Rejects when it could not go on. */
  readonly gone: Promise<void>
}

/** @throws NetemError; nothing is in force then */
export type StartEffect<Receipt> = (what: unknown) => Promise<Effect<Receipt>>

export type EffectEvent<Receipt> =
  | { readonly event: 'ready'; readonly pid: number }
  | ({ readonly event: 'applied' | 'report' } & Receipt)
  | ({ readonly event: 'ended'; readonly reason: EndReason } & Receipt)
  | { readonly event: 'refused'; readonly code: NetemErrorCode; readonly message: string }

export type EffectAgentOptions<Receipt> = {
  readonly start: StartEffect<Receipt>
  readonly input: NodeJS.ReadableStream
  readonly print: (event: EffectEvent<Receipt>) => void
  /** Aborted when the process is told to end. */
  readonly signal: AbortSignal
}

const requestSchema = v.variant('do', [
  v.strictObject({ do: v.literal('apply'), what: v.unknown() }),
  v.strictObject({ do: v.literal('report') }),
])

/** Resolves when the input has ended and the network is normal. @throws what the effect died of */
export async function runEffectAgent<Receipt>(options: EffectAgentOptions<Receipt>): Promise<void> {
  const { start, input, print, signal } = options
  const lines = createInterface({ input })
  const stop = () => lines.close()
  signal.addEventListener('abort', stop, { once: true })
  let failure: NetemError | undefined
  const die = (cause: unknown): void => {
    failure = new NetemError('shaper-died', `Cannot go on: ${messageOf(cause)}`, { cause })
    stop()
  }
  let effect: Effect<Receipt> | undefined
  const obey = async (line: string): Promise<void> => {
    const request = parseRequest(line)
    if (request.do === 'apply') {
      const started = await start(request.what)
      started.gone.catch(die)
      // The new one is at work already: for a moment both are, rather than none.
      const replaced = effect
      effect = started
      await replaced?.end()
      if (replaced) print({ event: 'ended', reason: 'replaced', ...replaced.receipt() })
      print({ event: 'applied', ...effect.receipt() })
    } else if (effect) print({ event: 'report', ...effect.receipt() })
    else throw new NetemError('bad-usage', 'Cannot report: nothing is in force; apply something first')
  }
  try {
    print({ event: 'ready', pid: process.pid })
    for await (const line of lines) {
      if (line.trim() === '') continue
      await obey(line).catch((error: unknown) => {
        if (!(error instanceof NetemError)) throw error
        print({ event: 'refused', code: error.code, message: messageOf(error) })
      })
    }
  } finally {
    signal.removeEventListener('abort', stop)
    await effect?.end()
  }
  const reason: EndReason = signal.aborted ? 'signal' : 'end of input'
  if (effect) print({ event: 'ended', reason, ...effect.receipt() })
  if (failure) throw failure
}

/** @throws NetemError `bad-usage` */
function parseRequest(line: string): v.InferOutput<typeof requestSchema> {
  try {
    return v.parse(requestSchema, JSON.parse(line))
  } catch (error) {
    throw new NetemError(
      'bad-usage',
      `Cannot read request ${line.slice(0, 80)}: ${messageOf(error)}; use {"do":"apply","what":{...}} or {"do":"report"}`,
    )
  }
}
