/**
 * Public failures that begin at the upstream, played behind any gateway, the twin or the real LiteLLM, and what the
 * `openai` package makes of each. Failures of the gateway itself are in `incidents.test.ts`; only the twin can have
 * those on demand.
 */
import type { Fault } from '@squall/twin-kit'
import { APIError } from 'openai'
import { expect, test } from 'vitest'
import type { Gateway } from './gateway.ts'
import { openSession, question, type Session } from './session.ts'
import { wait } from './wait.ts'

const ask = { model: 'squall-text', messages: question, max_tokens: 10 }

/** What a client has in the end. */
export type Told = {
  readonly text: string
  readonly finishReason: string | undefined
  readonly error: unknown
}

export function incidentTests(gateway: () => Gateway): void {
  test('#9178, #19549: clients hang up in their streams, and no upstream connection leaks', async () => {
    const { journal } = gateway().upstream
    const seen = journal.length
    const outcomes = (): unknown[] =>
      journal.slice(seen).flatMap((line) => (line.event === 'job-finished' ? [line['outcome']] : []))
    // Ten seconds: none has come to its end by itself before the hang-up arrives, however busy the machine is. A stall
    // would not do: the real gateway notices that a client has gone when it has something to write to it.
    const slow: Fault = { point: 'openai.generation.token', action: { kind: 'delay', ms: 200 } }
    await behind(gateway(), slow, async (session) => {
      await Promise.all(Array.from({ length: 20 }, () => hangUpInStream(session)))
      await expect.poll(() => outcomes().length).toBe(20)
    })
    expect(new Set(outcomes())).toEqual(new Set(['interrupted']))
  })

  test('#13774, #37140: the job of a whole answer runs on for nobody', async () => {
    const session = openSession(gateway())
    const { journal } = gateway().upstream
    const seen = journal.length
    const hangUp = new AbortController()
    const asked = session.client.chat.completions
      .create(ask, { signal: hangUp.signal })
      .catch(() => undefined)
    const eventsNow = (): unknown[] => journal.slice(seen).map((line) => line.event)
    await expect.poll(eventsNow).toContain('job-started')
    hangUp.abort()
    await asked
    const finished = (): unknown => journal.slice(seen).find((line) => line.event === 'job-finished')
    await expect.poll(finished).toMatchObject({ outcome: 'success' })
  })

  test('#38957: the upstream ends a stream cleanly without [DONE]; the gateway makes up an end', async () => {
    const fault: Fault = {
      point: 'openai.stream.token',
      action: { kind: 'close' },
      when: { match: { index: 4 } },
    }
    const told = await behind(gateway(), fault, streamTold)
    expect(told).toMatchObject({ finishReason: 'stop', error: undefined })
    expect(told.text.split(' ')).toHaveLength(4)
  })

  test('#26015: 429 after the first chunk reaches the client as an error without a status', async () => {
    const fault: Fault = {
      point: 'openai.generation.token',
      action: { kind: 'fail', as: 'rate-limit' },
      when: { match: { index: 4 } },
    }
    const { text, error } = await behind(gateway(), fault, streamTold)
    expect(text.split(' ')).toHaveLength(4)
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({ status: undefined, code: '429', type: 'throttling_error' })
  })

  test('a reset of an upstream connection is told as a connection error, and the next call is well', async () => {
    const fault: Fault = { point: 'openai.answer.chat', action: { kind: 'reset' } }
    const session = openSession(gateway())
    const failed = await behind(gateway(), fault, () => wholeError(session))
    expect(failed).toMatchObject({ status: 500, code: '500', type: 'internal_server_error' })
    expect(await wholeError(session)).toBeUndefined()
  })
}

/** The two that need a router with something to choose from. */
export function routingIncidentTests(gateway: () => Gateway): void {
  test('#35303: a cyclic fallback ends after each alias was tried once', async () => {
    const { chat, behind: breaking } = openSession(gateway())
    const fault: Fault = { point: 'openai.generation.start', action: { kind: 'fail', as: 'server-error' } }
    const { seen, calls } = await breaking([fault], () => chat('ring-a'))
    expect(seen.status).toBe(500)
    expect(calls).toEqual(['squall-chat-1', 'squall-chat-2'])
  })

  test('#3646: a burst of 429 empties the group, and callers fail instead of waiting', async () => {
    const { client, behind: breaking } = openSession(gateway())
    const fault: Fault = { point: 'openai.generation.start', action: { kind: 'fail', as: 'rate-limit' } }
    const request = { ...ask, model: 'pair' }
    const { seen: errors } = await breaking([fault], async () => {
      const caught: unknown[] = []
      for (let call = 0; call < 4; call++) {
        caught.push(await client.chat.completions.create(request).catch((error: unknown) => error))
      }
      return caught
    })
    expect(errors.at(-1)).toMatchObject({
      status: 429,
      message: expect.stringContaining('No deployments available for selected model, Try again in 2 seconds'),
    })
    await wait(2200)
    expect((await client.chat.completions.create(request)).choices).toHaveLength(1)
  })
}

async function behind<Seen>(
  gateway: Gateway,
  fault: Fault,
  work: (session: Session) => Promise<Seen>,
): Promise<Seen> {
  const session = openSession(gateway)
  return (await session.behind([fault], () => work(session))).seen
}

/** A stream to its end, whichever that is. */
export async function streamTold({ client }: Pick<Session, 'client'>): Promise<Told> {
  let text = ''
  let finishReason: string | undefined
  try {
    for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? ''
      finishReason = chunk.choices[0]?.finish_reason ?? finishReason
    }
    return { text, finishReason, error: undefined }
  } catch (error) {
    return { text, finishReason, error }
  }
}

async function hangUpInStream({ client }: Session): Promise<void> {
  const hangUp = new AbortController()
  const stream = await client.chat.completions.create(
    { ...ask, max_tokens: 50, stream: true },
    { signal: hangUp.signal },
  )
  for await (const _ of stream) hangUp.abort()
}

/** What the client of a whole answer catches. */
export async function wholeError({ client }: Pick<Session, 'client'>): Promise<unknown> {
  return await client.chat.completions.create(ask).then(
    () => undefined,
    (error: unknown) => error,
  )
}
