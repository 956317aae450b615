/** One session of the twin over plain HTTP, for tests that look at single steps of the chain. */
import { formOf, type Wish } from './chain.ts'
import { join, openStream, post, readUntil, run, type WireMessage } from './wire.ts'

/** What a call of a step gave back. */
export type StepAnswer = { readonly data: readonly unknown[]; readonly error?: unknown }

/** A session. */
export type WireSession = {
  readonly hash: string
  /** Calls a plain function outside the queue. */
  readonly call: (name: string, data: readonly unknown[], triggerId?: number) => Promise<StepAnswer>
  /** Steps 3 to 6. */
  readonly addTask: (wish: Wish, overrides?: Readonly<Record<number, unknown>>) => Promise<StepAnswer>
  /** Joins a function; resolves with its event id. */
  readonly join: (name: string, data?: readonly unknown[], triggerId?: number) => Promise<string>
  /** All messages until a call of the session is complete. */
  readonly follow: (until?: string) => Promise<WireMessage[]>
  /** Runs the queue and resolves with all messages of `process_tasks`. */
  readonly generate: (name?: string) => Promise<WireMessage[]>
  /** Paths of the gallery. */
  readonly gallery: () => Promise<readonly GalleryEntry[]>
}

/** An entry of the gallery. */
export type GalleryEntry = Readonly<
  Partial<
    Record<'video' | 'image', { readonly path: string; readonly url: string; readonly mime_type: string }>
  >
>

/** A session by its hash. */
export function wireSession(url: string, hash: string): WireSession {
  const call: WireSession['call'] = async (name, data, triggerId) => {
    const body = { data, session_hash: hash, ...(triggerId === undefined ? {} : { trigger_id: triggerId }) }
    return (await (await post(`${url}/gradio_api/run/${name}`, body)).json()) as StepAnswer
  }
  const joinCall: WireSession['join'] = (name, data = [null], triggerId) =>
    join(url, name, hash, [...data], triggerId)
  const follow: WireSession['follow'] = async (until = 'process_completed') =>
    readUntil(await openStream(url, hash), until)
  return {
    hash,
    call,
    join: joinCall,
    follow,
    addTask: async (wish, overrides = {}) => {
      const form = formOf(wish).map((value, index) => (index in overrides ? overrides[index] : value))
      await run(url, 'save_inputs', hash, [...form, null, null])
      const added = await call('process_prompt_and_add_tasks', [null, 0, 't2v'])
      await call('activate_status', [null])
      return added
    },
    generate: async (name = 'process_tasks') => {
      const id = await joinCall(name)
      return (await follow('close_stream')).filter(({ event_id: eventId }) => eventId === id)
    },
    gallery: async () => {
      const { data } = await call('refresh_gallery', [null])
      return (data[2] as { value: readonly GalleryEntry[] }).value
    },
  }
}

/** Uploads a file; resolves with the `FileData` to send. */
export async function uploadFile(
  url: string,
  name: string,
  bytes: Uint8Array<ArrayBuffer> | string,
): Promise<{ readonly path: string }> {
  const form = new FormData()
  form.append('files', new Blob([bytes]), name)
  const response = await fetch(`${url}/gradio_api/upload`, { method: 'POST', body: form })
  const [path = ''] = (await response.json()) as string[]
  return { path }
}

/** Id of a component by its name, as `/config` has it. */
export async function componentId(url: string, label: string): Promise<number> {
  const config = (await (await fetch(`${url}/config`)).json()) as {
    readonly components: readonly { readonly id: number; readonly props: { readonly label: string } }[]
  }
  return config.components.find(({ props }) => props.label === label)?.id ?? -1
}
