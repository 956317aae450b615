/** An HTTP answer as the contract sees it: status, the headers that are LiteLLM's own, and the body read. */
import { normalised } from './normalise.ts'

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  /** JSON, the events of a stream, or text. */
  readonly body: unknown
}

/** Of the transport, or different on every call. */
const left = ['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'server']
/** Told by their presence only. */
const varying = [/duration-ms$/, /^llm_provider-(date|content-length)$/]

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text().catch((error: unknown) => `<broken: ${String(error)}>`)
  const shown = [...response.headers].filter(([name]) => !left.includes(name))
  const headers = shown.map(([name, value]) => [
    name,
    varying.some((pattern) => pattern.test(name)) ? '<varies>' : normalised(value),
  ])
  const body = response.headers.get('content-type')?.startsWith('text/event-stream')
    ? eventsOf(text)
    : jsonOf(text)
  return { status: response.status, headers: Object.fromEntries(headers), body: normalised(body) }
}

/** Each event as JSON where it is such. */
function eventsOf(text: string): readonly unknown[] {
  const events = text.split('\n\n').filter((event) => event !== '')
  return events.map((event) => (event.startsWith('data: ') ? jsonOf(event.slice('data: '.length)) : event))
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
