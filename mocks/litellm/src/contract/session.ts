/** One gateway under test, with the short words that cases are written in. */
import type { Fault } from '@squall/twin-kit'
import OpenAI from 'openai'
import type { Gateway } from './gateway.ts'
import { normalised } from './normalise.ts'
import { type Answer, answerOf } from './observed-answer.ts'

/** Longer than any case may take. */
const patienceMs = 40_000

export type Ask = {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Default: the master key as a bearer token. */
  readonly keyless?: boolean
}

export type Session = {
  readonly gateway: Gateway
  /** One request as plain HTTP, and what came back. */
  readonly ask: (path: string, ask?: Ask) => Promise<Answer>
  readonly post: (path: string, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>
  readonly chat: (model: string, more?: object, headers?: Readonly<Record<string, string>>) => Promise<Answer>
  /** Arms faults in the upstream for one piece of work, and says which models it was asked for meanwhile. */
  readonly behind: <Seen>(
    faults: readonly Fault[],
    work: () => Promise<Seen>,
  ) => Promise<{ seen: Seen; calls: readonly unknown[] }>
  /** The `openai` package. */
  readonly client: OpenAI
}

export const question = [{ role: 'user' as const, content: 'What is a squall?' }]

export function openSession(gateway: Gateway): Session {
  const { url, masterKey, upstream } = gateway
  const ask: Session['ask'] = async (path, { method, body, headers = {}, keyless = false } = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const all = new Headers(headers)
    if (!keyless) all.set('authorization', `Bearer ${masterKey}`)
    if (body !== undefined && !all.has('content-type')) all.set('content-type', 'application/json')
    const response = await fetch(url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: all,
      redirect: 'manual',
      signal: AbortSignal.timeout(patienceMs),
      ...(body !== undefined && { body: text }),
    })
    return await answerOf(response)
  }
  const post: Session['post'] = (path, body, headers) => ask(path, { body, ...(headers && { headers }) })
  return {
    gateway,
    ask,
    post,
    chat: (model, more = {}, headers) =>
      post('/v1/chat/completions', { model, messages: question, max_tokens: 3, ...more }, headers),
    behind: async (faults, work) => {
      const { next: before } = await upstream.journalled(Number.MAX_SAFE_INTEGER)
      if (faults.length > 0) await upstream.break(...faults)
      try {
        const seen = await work()
        // Before the heal: a request that was held back, and that the gateway has given up, may be taken up by it.
        const { lines } = await upstream.journalled(before)
        const accepted = lines.filter((line) => line.event === 'job-accepted')
        return { seen, calls: normalised(accepted.map((line) => line['model'])) as readonly unknown[] }
      } finally {
        await upstream.heal()
      }
    },
    client: new OpenAI({ baseURL: `${url}/v1`, apiKey: masterKey, maxRetries: 0 }),
  }
}
