/** A twin on a real port together with real clients of it: what the tests of this package talk to. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FlagValues, type StartedTwin, startTwin } from '@squall/twin-kit'
import { onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { comfyuiTwin } from '../comfyui-twin.ts'

/** One JSON message as received. */
export type Frame = { readonly type: string; readonly data: Readonly<Record<string, unknown>> }

/** A connected client that remembers every JSON message it was sent. */
export type ObservedSocket = {
  readonly socket: WebSocket
  readonly frames: readonly Frame[]
  /** Resolves with the first frame, received or to come, that matches. The test's own timeout is the budget. */
  readonly until: (matches: (frame: Frame) => boolean) => Promise<Frame>
}

/** A folder that goes away with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'twin-comfyui-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts a twin; simulated work takes no time unless `timeScale` says so. */
export function startComfyui(
  options: { dataFolder?: string; timeScale?: number; port?: number; flags?: FlagValues } = {},
): Promise<StartedTwin> {
  const dataFolder = options.dataFolder ?? temporaryFolder()
  return startTwin({ ...comfyuiTwin, flags: {}, timeScale: 0, ...options, dataFolder })
}

/** Connects a WebSocket client and waits for its first frame. */
export async function connect(
  url: string,
  clientId?: string,
  options: ClientOptions = {},
): Promise<ObservedSocket> {
  const query = clientId === undefined ? '' : `?clientId=${clientId}`
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws${query}`, options)
  const frames: Frame[] = []
  const watchers = new Set<() => void>()
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) return
    frames.push(JSON.parse(data.toString()) as Frame)
    for (const watch of watchers) watch()
  })
  const until = (matches: (frame: Frame) => boolean): Promise<Frame> =>
    new Promise((resolve) => {
      const watch = (): void => {
        const found = frames.find(matches)
        if (found === undefined) return
        watchers.delete(watch)
        resolve(found)
      }
      watchers.add(watch)
      watch()
    })
  await once(socket, 'open')
  await until(({ type }) => type === 'status')
  return { socket, frames, until }
}

/** Whether this frame is the very last one of a prompt. */
export function isEndOf(promptId: string): (frame: Frame) => boolean {
  return ({ type, data }) => type === 'executing' && data['node'] === null && data['prompt_id'] === promptId
}

/** Posts JSON and returns status and parsed body (undefined if empty). */
export async function post(
  url: string,
  body: unknown,
): Promise<{ status: number; text: string; json: Json }> {
  const answer = await fetch(url, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true
  return { status: answer.status, text, json: isJson ? (JSON.parse(text) as Json) : {} }
}

/** A JSON object whose members are looked at by path. */
export type Json = Readonly<Record<string, unknown>>

/** Fetches JSON. */
export async function getJson(url: string): Promise<Json> {
  return (await (await fetch(url)).json()) as Json
}

/** Submits a workflow and returns its prompt id. */
export async function submit(
  url: string,
  prompt: unknown,
  clientId?: string,
  more: Json = {},
): Promise<string> {
  const { json } = await post(`${url}/prompt`, { prompt, client_id: clientId, ...more })
  return String(json['prompt_id'])
}
