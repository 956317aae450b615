/** The twin over plain HTTP, for what `@gradio/client` hides: error bodies, single messages, broken streams. */
import { within } from './chain.ts'

/** A message of `queue/data` as it was sent. */
export type WireMessage = {
  readonly msg: string
  readonly event_id: string | null
  readonly output?: { readonly data?: readonly unknown[]; readonly error?: unknown }
  readonly [field: string]: unknown
}

/** POST a JSON value, or a text as it is. */
export async function post(url: string, body: unknown): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const headers = { 'content-type': 'application/json' }
  return await within(`POST ${url}`, fetch(url, { method: 'POST', headers, body: text }))
}

/** Run a plain function outside the queue. */
export async function run(
  url: string,
  name: string,
  session: string,
  data: unknown[] = [],
): Promise<Response> {
  return await post(`${url}/gradio_api/run/${name}`, { data, session_hash: session })
}

/** Join the queue by API name; resolves with the event id. */
export async function join(
  url: string,
  name: string,
  session: string,
  data: unknown[],
  triggerId?: number,
): Promise<string> {
  const config = (await (await fetch(`${url}/config`)).json()) as {
    dependencies: { id: number; api_name: string }[]
  }
  const dependency = config.dependencies.find(({ api_name: apiName }) => apiName === name)
  const trigger = triggerId === undefined ? {} : { trigger_id: triggerId }
  const body = { data, fn_index: dependency?.id, session_hash: session, ...trigger }
  const answer = (await (await post(`${url}/gradio_api/queue/join`, body)).json()) as { event_id: string }
  return answer.event_id
}

/** An open message stream. `next` resolves to undefined at a clean end and rejects if the connection breaks. */
export type WireStream = { readonly next: () => Promise<WireMessage | undefined>; readonly close: () => void }

/** Open the stream of a session. */
export async function openStream(url: string, session: string): Promise<WireStream> {
  const closing = new AbortController()
  const address = `${url}/gradio_api/queue/data?session_hash=${session}`
  const response = await within('stream', fetch(address, { signal: closing.signal }))
  const messages = parse(response.body ?? new ReadableStream<Uint8Array>())
  return {
    next: async () => {
      const { value, done } = await within('message', messages.next())
      return done === true ? undefined : value
    },
    close: () => closing.abort(),
  }
}

/** Read messages until one of that kind has come; resolves with all of them. */
export async function readUntil(stream: WireStream, msg: string): Promise<WireMessage[]> {
  const seen: WireMessage[] = []
  while (seen.at(-1)?.msg !== msg) {
    const message = await stream.next()
    if (message === undefined) throw new Error(`the stream ended before ${msg}`)
    seen.push(message)
  }
  return seen
}

async function* parse(body: ReadableStream<Uint8Array>): AsyncGenerator<WireMessage, undefined, void> {
  let text = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) yield JSON.parse(block.replace(/^data: /, '')) as WireMessage
  }
  return undefined
}
