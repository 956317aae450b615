/**
 * Drives the generate chain through the real `@gradio/client`, for tests. Names come from `/config` as the README
 * tells clients to do it. `@gradio/client` has no timeouts, so every await here has a deadline.
 */
import { AssertionError } from 'node:assert'

/** What both client versions have in common, as far as the tests use it. */
export type ChainClient = {
  readonly session_hash: string
  readonly config: { readonly dependencies: readonly { readonly api_name?: unknown }[] } | undefined
  readonly predict: (
    endpoint: string,
    data: unknown[] | Record<string, unknown>,
  ) => Promise<{ readonly data: unknown }>
  readonly submit: (endpoint: string, data: unknown[]) => AsyncIterable<unknown>
}

/** One event of `submit`, as far as the tests look. */
export type ChainEvent = {
  readonly type: string
  readonly data?: unknown
  readonly stage?: string
  readonly original_msg?: string
  readonly position?: number
  readonly size?: number
  readonly time?: Date
  readonly message?: string
  readonly progress_data?: readonly { index: number | null; length: number | null; desc: string | null }[]
}

/** What to generate. */
export type Wish = {
  readonly prompt: string
  readonly seed: number
  readonly steps: number
  readonly resolution?: string
  readonly frames?: number
}

const deadlineMs = 10_000

/** The promise, or an error after 10 s that says what was waited for. */
export async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(deadlineMs)
  const expired = Promise.withResolvers<never>()
  limit.addEventListener('abort', () => {
    expired.reject(new AssertionError({ message: `${what}: nothing after ${deadlineMs} ms` }))
  })
  return await Promise.race([promise, expired.promise])
}

/** Endpoint with the lowest suffix for a base name. */
export function endpoint(client: ChainClient, base: string): string {
  const names = (client.config?.dependencies ?? []).map(({ api_name: apiName }) => String(apiName))
  const suffixOf = (name: string): number =>
    name === base ? 0 : Number(new RegExp(`^${base}_(\\d+)$`).exec(name)?.[1] ?? Number.NaN)
  const [first] = names
    .filter((name) => !Number.isNaN(suffixOf(name)))
    .toSorted((a, b) => suffixOf(a) - suffixOf(b))
  if (first === undefined) throw new AssertionError({ message: `no endpoint for ${base}` })
  return `/${first}`
}

/** Call one step and return its values. */
export async function step(client: ChainClient, base: string, data: unknown[] = []): Promise<unknown[]> {
  const answer = await within(base, client.predict(endpoint(client, base), data))
  return answer.data as unknown[]
}

/** All events of one call until it is complete or failed. */
export async function follow(client: ChainClient, base: string): Promise<ChainEvent[]> {
  const events: ChainEvent[] = []
  const read = async (): Promise<void> => {
    for await (const event of client.submit(endpoint(client, base), [])) {
      events.push(event as ChainEvent)
      const { type, stage } = event as ChainEvent
      // The old client never ends its loop after an error.
      if (type === 'status' && (stage === 'complete' || stage === 'error')) return
    }
  }
  await within(base, read())
  return events
}

/** Steps 1 to 6: everything before the GPU job. */
export async function prepare(client: ChainClient, wish: Wish): Promise<void> {
  await step(client, 'init_generate', [[], -1, '[]', -1])
  await step(client, 'validate_wizard_prompt', [
    'off',
    '',
    wish.prompt,
    '',
    ...Array.from({ length: 10 }, () => ''),
  ])
  await step(client, 'save_inputs', formOf(wish))
  await step(client, 'process_prompt_and_add_tasks', [0, 't2v'])
  await step(client, 'prepare_generate_media')
  await step(client, 'activate_status')
}

/** The values of `save_inputs` for a wish. */
export function formOf({ prompt, seed, steps, resolution = '128x80', frames = 8 }: Wish): unknown[] {
  return ['state', null, '', '', 0, prompt, '', '', resolution, frames, 0, 0, 1, seed, '', steps, 5, '']
}

/** Steps 6b to 8. Resolves with the events of both streams and the URL of the newest file. */
export async function generate(client: ChainClient): Promise<{
  status: ChainEvent[]
  tasks: ChainEvent[]
  url: string | undefined
}> {
  const [status, tasks] = await Promise.all([
    follow(client, 'refresh_status_async'),
    follow(client, 'process_tasks'),
  ])
  const [, , gallery] = await step(client, 'finalize_generation')
  const { value } = gallery as { value: { video: { url: string } }[] }
  return { status, tasks, url: value.at(-1)?.video.url }
}
