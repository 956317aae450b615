/** Reads server-sent events as they are sent: one block at a time, with a budget, and how the stream ended. */
import { CaseFailure } from './compare.ts'
import { withBudget } from './run-groups.ts'
import { openAnswer, type Sent } from './send.ts'

/** One block: its `event` line, if there is one, and its `data`. */
export type ServerEvent = { readonly event: string | undefined; readonly data: string }

/** `closed`: the server ended it properly; `broken`: the connection broke. */
export type StreamEnd = 'closed' | 'broken'

/** An open stream. Disposing hangs up. */
export type EventReader = Disposable & {
  readonly status: number
  readonly contentType: string
  /** The next event, or how the stream ended. Fails after the budget (default 15 s). */
  readonly next: (budgetMs?: number) => Promise<ServerEvent | StreamEnd>
}

const budgetMsDefault = 15_000

/** Opens a stream and resolves with its head. */
export async function openEvents(url: string, sent: Sent): Promise<EventReader> {
  const hangUp = new AbortController()
  const response = await withBudget(
    budgetMsDefault,
    openAnswer(url, { ...sent, signal: hangUp.signal }),
    'stream',
  )
  const events = blocksOf(response)
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    next: async (budgetMs = budgetMsDefault) => {
      const { value, done } = await withBudget(budgetMs, events.next(), 'next event of the stream')
      return done === true ? 'closed' : value
    },
    [Symbol.dispose]: () => hangUp.abort(),
  }
}

/** Reads until an event matches or the stream ends; resolves with everything read. */
export async function readUntil(
  reader: EventReader,
  matches: (event: ServerEvent) => boolean,
  budgetMs?: number,
): Promise<ServerEvent[]> {
  const seen: ServerEvent[] = []
  for (;;) {
    const event = await reader.next(budgetMs)
    if (typeof event === 'string') {
      const got = `${event} after ${seen.length} events, the last: ${seen.at(-1)?.data.slice(0, 300) ?? 'none'}`
      throw new CaseFailure([{ path: 'stream', expected: 'another event', got }])
    }
    seen.push(event)
    if (matches(event)) return seen
  }
}

async function* blocksOf(
  response: AsyncIterable<Buffer>,
): AsyncGenerator<ServerEvent | StreamEnd, undefined, void> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of response) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).replaceAll('\r\n', '\n').split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) if (block.trim() !== '') yield eventOf(block)
    }
  } catch {
    yield 'broken'
  }
  return undefined
}

function eventOf(block: string): ServerEvent {
  const field = (name: string): string | undefined => {
    const lines = block.split('\n').filter((line) => line.startsWith(`${name}:`))
    return lines.length === 0 ? undefined : lines.map((line) => line.slice(name.length + 1).trim()).join('\n')
  }
  return { event: field('event'), data: field('data') ?? '' }
}
