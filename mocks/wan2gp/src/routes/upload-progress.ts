/**
 * `GET /gradio_api/upload_progress`: how much of an upload has come in. An upload is known from its first byte on and
 * stays so; asking for one that is not there waits 3 s. Measured on Gradio 5.29.0.
 */
import { type Call, type Route, stringifyPython } from '@squall/twin-kit'
import { openBreakableLane } from '../gradio/breakable-lane.ts'
import type { Point } from '../points.ts'
import type { Server } from '../server.ts'
import { sendMissingQuery, sendText } from './answers.ts'

const findMsMax = 3000
/** Uploads that are remembered, so that ids without end do not fill the memory. */
const uploadsMax = 1000

type Update = { readonly orig_name: string; chunk_size: number }
type Upload = { readonly updates: Update[]; isDone: boolean; readonly wake: Set<() => void> }

/** What is known of uploads that came with an `upload_id`. */
export class Uploads {
  readonly #byId = new Map<string, Upload>()
  readonly #begun = new Set<() => void>()

  /** An upload begins; the functions tell of its pieces and of its end. */
  begin(id: string): { readonly piece: (name: string, bytes: number) => void; readonly done: () => void } {
    const upload: Upload = { updates: [], isDone: false, wake: new Set() }
    this.#byId.set(id, upload)
    const [oldest] = this.#byId.keys()
    if (this.#byId.size > uploadsMax && oldest !== undefined) this.#byId.delete(oldest)
    for (const wake of this.#begun) wake()
    const changed = (): void => {
      for (const wake of upload.wake) wake()
    }
    return {
      piece: (name, bytes) => {
        // What was not read yet grows, as long as it is of the same file.
        const last = upload.updates.at(-1)
        if (last?.orig_name === name) last.chunk_size += bytes
        else upload.updates.push({ orig_name: name, chunk_size: bytes })
        changed()
      },
      done: () => {
        upload.isDone = true
        changed()
      },
    }
  }

  /** The upload of that id, waiting for it to begin until `signal` aborts. */
  async find(id: string, signal: AbortSignal): Promise<Upload | undefined> {
    while (!this.#byId.has(id) && !signal.aborted) await woken(this.#begun, signal)
    return this.#byId.get(id)
  }

  /** Its reader has seen the end. */
  forget(id: string): void {
    this.#byId.delete(id)
  }
}

async function woken(wakes: Set<() => void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  wakes.add(resolve)
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
  wakes.delete(resolve)
}

/** The one route. */
export function uploadProgressRoute(server: Server): Route {
  return {
    method: 'GET',
    path: '/gradio_api/upload_progress',
    point: 'wan2gp.http.upload-progress' satisfies Point,
    handle: (call) => follow(server, call),
  }
}

async function follow({ context, uploads, heartbeatMs }: Server, { response, query }: Call): Promise<void> {
  const id = query.get('upload_id')
  if (id === null) return sendMissingQuery(response, 'upload_id')
  const { clock } = context
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const patience = new AbortController()
  void clock.waitReal(findMsMax, undefined, gone.signal).then(() => patience.abort())
  const upload = await uploads.find(id, patience.signal)
  if (upload === undefined) return sendText(response, 404, 'Upload not found')
  const lane = openBreakableLane({ context }, response)
  const say = (message: { readonly msg: string } & Partial<Update>): void =>
    // Python's `json.dumps` puts spaces here, unlike the messages of the queue.
    lane.sendRaw('wan2gp.sse.upload', `data: ${stringifyPython(message)}\n\n`, {
      uploadId: id,
      msg: message.msg,
    })
  using _heartbeat = clock.every(heartbeatMs, () => say({ msg: 'heartbeat' }))
  while (!lane.closed.aborted) {
    // The end overtakes what was not read yet.
    const update = upload.isDone ? undefined : upload.updates.shift()
    if (update !== undefined) say({ msg: 'update', ...update })
    else if (upload.isDone) {
      say({ msg: 'done' })
      uploads.forget(id)
      return lane.end()
    } else await woken(upload.wake, lane.closed)
  }
}
