/**
 * A Gradio server with Wan2GP's functions under the contract. Names are resolved from `/config`, arguments from its
 * initial values, as a browser would: nothing here counts on positions or suffixes of one release.
 */
import { randomInt } from 'node:crypto'
import type { ContractTarget, OpenOptions } from '@squall/twin-kit/conformance/case'
import {
  CaseFailure,
  CaseSkipped,
  check,
  having,
  listOf,
  matching,
  number,
  object,
} from '@squall/twin-kit/conformance/compare'
import { type EventReader, openEvents, type ServerEvent } from '@squall/twin-kit/conformance/event-reader'
import { type Answer, jsonOf, type Sent, send } from '@squall/twin-kit/conformance/send'

/** An entry of `dependencies`, as far as it is used. */
export type Dependency = {
  readonly id: number
  readonly api_name: string | false
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
}

type Component = { readonly id: number; readonly type: string; readonly props?: { readonly value?: unknown } }
type Parameter = { readonly parameter_name: string }

/** A message of `queue/data`. */
export type Message = Readonly<Record<string, unknown>> & {
  readonly msg: string
  readonly event_id: string | null
}

/** Steps of the generate chain that the contract calls (wan2gp.md 3.2). */
const chainNames = [
  'init_generate',
  'validate_wizard_prompt',
  'save_inputs',
  'process_prompt_and_add_tasks',
  'prepare_generate_media',
  'activate_status',
  'refresh_status_async',
  'process_tasks',
  'finalize_generation',
] as const

/** One of them. */
export type ChainName = (typeof chainNames)[number]

/** What the cases use. */
export type GradioTarget = ContractTarget & {
  readonly restart: () => Promise<void>
  readonly send: (sent: Sent) => Promise<Answer>
  readonly json: (path: string) => Promise<unknown>
  readonly post: (path: string, json: unknown) => Promise<Answer>
  /** The dependency of that base name with the lowest suffix. */
  readonly named: (base: ChainName) => Dependency & { readonly api_name: string }
  /** All arguments of a step, states as null, with some replaced by parameter name. */
  readonly dataFor: (base: ChainName, values?: Readonly<Record<string, unknown>>) => unknown[]
  /** Calls a step past the queue. */
  readonly run: (
    base: ChainName,
    session: string,
    values?: Readonly<Record<string, unknown>>,
  ) => Promise<Answer>
  /** Puts a step into the queue and resolves with its event id. */
  readonly join: (base: ChainName, session: string, data?: unknown[]) => Promise<string>
  /** Opens the message stream of a session. */
  readonly listen: (session: string) => Promise<EventReader>
}

/** Whether somebody here speaks Gradio's `sse_v3`. */
export async function recognisesGradio(url: string): Promise<boolean> {
  try {
    const { text } = await send(url, { path: '/config', budgetMs: 5000 })
    return text.includes('"dependencies"') && text.includes('sse_v3')
  } catch {
    return false
  }
}

/** Reads the page's configuration. */
export async function openGradio(url: string, options: OpenOptions): Promise<GradioTarget> {
  const json = async (path: string): Promise<unknown> => jsonOf(await send(url, { path }))
  const post = (path: string, body: unknown): Promise<Answer> =>
    send(url, { method: 'POST', path, json: body })
  const config = await json('/config')
  check(
    'GET /config',
    config,
    having({ dependencies: listOf(having({ id: number })), components: listOf(object) }),
  )
  const { named, dataFor, missing } = readPage(config as Config, (await json('/gradio_api/info')) as Info)
  const reasons: Readonly<Record<string, string | undefined>> = {
    chain: missing.length > 0 ? `the page has no ${missing.join(', ')}` : undefined,
    harm: options.mayHarm
      ? undefined
      : 'it would make videos, or fill the queue of a server that others may use',
    loopback: ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(url).hostname)
      ? undefined
      : 'the rule holds for loopback addresses only',
    restart: options.restart === undefined ? 'the server would have to be restarted' : undefined,
  }
  return {
    url,
    lacks: (need) => reasons[need],
    restart: options.restart ?? (() => Promise.reject(new CaseSkipped('this server cannot be restarted'))),
    send: (sent) => send(url, sent),
    json,
    post,
    named,
    dataFor,
    run: (base, session, values) =>
      post(`/gradio_api/run/${named(base).api_name}`, { data: dataFor(base, values), session_hash: session }),
    join: async (base, session, data = dataFor(base)) => {
      const answer = await post('/gradio_api/queue/join', {
        data,
        fn_index: named(base).id,
        session_hash: session,
      })
      const body = jsonOf(answer)
      const eventId = { event_id: matching(/^[0-9a-f]{32}$/) }
      check(`join ${base}`, { status: answer.status, body }, { status: 200, body: eventId })
      return (body as { event_id: string }).event_id
    },
    listen: (session) => openEvents(url, { path: `/gradio_api/queue/data?session_hash=${session}` }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

type Config = { readonly dependencies: readonly Dependency[]; readonly components: readonly Component[] }
type Info = {
  readonly named_endpoints?: Readonly<Record<string, { readonly parameters?: readonly Parameter[] }>>
}

/** Names and arguments of the chain on this page. */
function readPage(
  { dependencies, components }: Config,
  info: Info,
): Pick<GradioTarget, 'named' | 'dataFor'> & { readonly missing: readonly string[] } {
  const byId = new Map(components.map((component) => [component.id, component]))
  const named: GradioTarget['named'] = (base) => {
    const dependency = lowest(dependencies, base)
    if (dependency === undefined) throw new CaseSkipped(`the page has no ${base}`)
    return dependency
  }
  const dataFor: GradioTarget['dataFor'] = (base, values = {}) => {
    const { api_name: name, inputs } = named(base)
    const parameters = (info.named_endpoints?.[`/${name}`]?.parameters ?? []).map((one) => one.parameter_name)
    return inputs.map((id) => {
      const component = byId.get(id)
      if (component?.type === 'state') return null
      const parameter = parameters.shift() ?? ''
      return parameter in values ? values[parameter] : (component?.props?.value ?? null)
    })
  }
  return { named, dataFor, missing: chainNames.filter((base) => lowest(dependencies, base) === undefined) }
}

/** `name` itself, or the one with the lowest numeric suffix. */
function lowest(
  dependencies: readonly Dependency[],
  base: string,
): (Dependency & { readonly api_name: string }) | undefined {
  const suffixOf = (name: string): number => (name === base ? 0 : Number(name.slice(base.length + 1)))
  const fits = new RegExp(`^${base}(_\\d+)?$`)
  return dependencies
    .flatMap(({ api_name: name, ...rest }) =>
      name !== false && fits.test(name) ? [{ ...rest, api_name: name }] : [],
    )
    .toSorted((one, other) => suffixOf(one.api_name) - suffixOf(other.api_name))[0]
}

/** A session nobody else has. */
export function freshSession(): string {
  return `squall${randomInt(2 ** 47).toString(36)}`
}

/** The message in an event. */
export function messageOf({ data }: ServerEvent): Message {
  try {
    return JSON.parse(data) as Message
  } catch {
    throw new CaseFailure([{ path: 'message', expected: 'JSON', got: data.slice(0, 200) }])
  }
}

/** Reads the messages of a session until its stream is closed, heartbeats left out. Fails if it breaks. */
export async function messagesToEnd(reader: EventReader, budgetMs?: number): Promise<Message[]> {
  const seen: Message[] = []
  for (;;) {
    const event = await reader.next(budgetMs)
    if (event === 'closed') return seen
    if (event === 'broken') {
      const got = `broken after ${seen.map(({ msg }) => msg).join(', ')}`
      throw new CaseFailure([{ path: 'stream', expected: 'a proper end', got }])
    }
    const message = messageOf(event)
    if (message.msg !== 'heartbeat') seen.push(message)
  }
}
