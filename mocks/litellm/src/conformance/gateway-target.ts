/**
 * Any LiteLLM gateway under the contract, whatever is behind it. The key comes from LITELLM_MASTER_KEY and is never
 * shown; the model is the first that is listed for chat, or LITELLM_MODEL.
 */
import type { ContractTarget, OpenOptions } from '@squall/twin-kit/conformance/case'
import { check } from '@squall/twin-kit/conformance/compare'
import { type EventReader, openEvents } from '@squall/twin-kit/conformance/event-reader'
import { type Answer, jsonOf, type Sent, send } from '@squall/twin-kit/conformance/send'

/** What the cases use. */
export type GatewayTarget = ContractTarget & {
  readonly model: string
  /** With the key. */
  readonly send: (sent: Sent) => Promise<Answer>
  /** Without any key, or with the given headers in its place. */
  readonly sendBare: (sent: Sent) => Promise<Answer>
  readonly chat: (
    more?: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>
  readonly stream: (more?: Readonly<Record<string, unknown>>) => Promise<EventReader>
}

/** Whether somebody here is alive in LiteLLM's words. */
export async function recognisesLiteLlm(url: string): Promise<boolean> {
  try {
    const { status, text } = await send(url, { path: '/health/liveliness', budgetMs: 5000 })
    return status === 200 && text.includes("I'm alive!")
  } catch {
    return false
  }
}

/** Looks at the models, and at whether a key is asked for. `twinKey` is that of a twin of our own. */
export async function openGateway(
  url: string,
  options: OpenOptions,
  twinKey?: string,
): Promise<GatewayTarget> {
  const key = options.restart === undefined ? process.env['LITELLM_MASTER_KEY'] : twinKey
  const bearer: Record<string, string> =
    key === undefined || key === '' ? {} : { authorization: `Bearer ${key}` }
  const withKey = (sent: Sent): Sent => ({ ...sent, headers: { ...bearer, ...sent.headers } })
  const listed = await send(url, withKey({ path: '/v1/models' }))
  check('GET /v1/models answers or refuses', [200, 401, 403].includes(listed.status), true)
  const asksForKey = (await send(url, { path: '/v1/models' })).status !== 200
  const model = process.env['LITELLM_MODEL'] ?? firstModel(jsonOf(listed))
  const reasons: Readonly<Record<string, string | undefined>> = {
    key:
      asksForKey && key === undefined
        ? 'LITELLM_MASTER_KEY is not set and the gateway asks for a key'
        : undefined,
    'asks-for-key': asksForKey ? undefined : 'the gateway asks for no key',
    model: model === undefined ? 'the gateway lists no model for chat' : undefined,
    harm: options.mayHarm ? undefined : 'it would spend tokens that others pay for',
  }
  const question = (
    more: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Sent => {
    const messages = [{ role: 'user', content: 'Name three winds.' }]
    const json = { model, messages, max_tokens: 5, ...more }
    return withKey({ method: 'POST', path: '/v1/chat/completions', json, headers, budgetMs: 60_000 })
  }
  return {
    url,
    model: model ?? '',
    lacks: (need) => reasons[need],
    send: (sent) => send(url, withKey(sent)),
    sendBare: (sent) => send(url, sent),
    chat: (more, headers) => send(url, question(more, headers)),
    stream: (more) => openEvents(url, question({ ...more, stream: true })),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

function firstModel(body: unknown): string | undefined {
  const { data = [] } = body as { data?: readonly { id: string; mode?: string }[] }
  return data.find(({ id, mode = 'chat' }) => mode === 'chat' && !/embed|image/i.test(id))?.id
}
