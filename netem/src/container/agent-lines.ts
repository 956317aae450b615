/** Speaking with any agent over two streams: lines of JSON, one request, one answer. */
import { createInterface } from 'node:readline'
import { NetemError, type NetemErrorCode } from '../errors.ts'

export type AgentStreams = {
  readonly input: NodeJS.WritableStream
  readonly output: NodeJS.ReadableStream
  /** What the agent wrote besides events. */
  complaints(): string
}

export type LinesClient<What, Receipt> = {
  /** Puts it in force instead of what was. @throws NetemError as the agent refused it; the old stays in force */
  apply(what: What): Promise<Receipt>
  report(): Promise<Receipt>
  /** Heals; the last receipt, if anything was in force. */
  end(): Promise<Receipt | undefined>
}

/** How an agent is told what to put in force, and whether anything is then. */
export type Wording<What> = {
  readonly request: (what: What) => object
  readonly isAny: (what: What) => boolean
}

type Line =
  | { readonly event: 'refused'; readonly code: NetemErrorCode; readonly message: string }
  | { readonly event: 'ready' | 'applied' | 'report' | 'ended' }

type Spoken = { readonly reason?: string; readonly tookMs?: number }

/** One request at a time. @throws NetemError `shaper-died`, or as the agent refused to start */
export async function connectLines<What, Receipt>(
  streams: AgentStreams,
  wording: Wording<What>,
): Promise<LinesClient<What, Receipt>> {
  const lines = createInterface({ input: streams.output })[Symbol.asyncIterator]()
  const answer = async (wanted: Line['event']): Promise<Receipt> => {
    for (;;) {
      const line = await lines.next()
      if (line.done) throw gone(streams.complaints())
      const said = JSON.parse(line.value) as Line
      if (said.event === 'refused') throw new NetemError(said.code, said.message)
      if (said.event === wanted) return receiptIn(said) as Receipt
    }
  }
  const ask = async (request: object, wanted: Line['event']): Promise<Receipt> => {
    streams.input.write(`${JSON.stringify(request)}\n`)
    return await answer(wanted)
  }
  await answer('ready')
  let isAny = false
  return {
    apply: async (what) => {
      const receipt = await ask({ do: 'apply', ...wording.request(what) }, 'applied')
      isAny = wording.isAny(what)
      return receipt
    },
    report: async () => await ask({ do: 'report' }, 'report'),
    end: async () => {
      streams.input.end()
      return isAny ? await answer('ended') : undefined
    },
  }
}

/** Without what the line says of itself. */
function receiptIn(line: object): object {
  const { event: _event, reason: _reason, tookMs: _tookMs, ...receipt } = line as Line & Spoken
  return receipt
}

function gone(complaints: string): NetemError {
  const said = complaints.split('\n').find((it) => /^\w*Error\b/.test(it)) ?? ''
  return new NetemError('shaper-died', `Cannot go on: the agent is gone${said && `; it said: ${said}`}`)
}
