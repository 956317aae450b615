/** Sends a recorded request to the live server: ids, tags and the address of the recorded server are replaced. */
import type { OutgoingHttpHeaders } from 'node:http'
import { stringifyPython } from '@squall/twin-kit'
import { buildForm } from './forms.ts'
import { type Answer, exchange } from './http-exchange.ts'
import type { RecordedRequest } from './recording.ts'

/** Sends it. `ids` maps texts of the recording to those of this run. Rejects if nobody answers. */
export function sendRecorded(
  url: string,
  recorded: RecordedRequest,
  ids: ReadonlyMap<string, string>,
): Promise<Answer> {
  const live = (text: string): string => {
    let shown = text.replaceAll('comfy:8188', new URL(url).host)
    for (const [from, to] of ids) shown = shown.replaceAll(from, to)
    return shown
  }
  const { method, form } = recorded
  const path = live(recorded.path)
  const headers: OutgoingHttpHeaders = Object.fromEntries(
    Object.entries(recorded.headers ?? {}).map(([name, value]) => [name, live(value)]),
  )
  if (form !== undefined) {
    const { contentType, body } = buildForm(form)
    return exchange(url, { method, path, headers: { ...headers, 'content-type': contentType }, body })
  }
  const text = bodyOf(recorded)
  if (text === undefined) return exchange(url, { method, path, headers })
  const typed = recorded.json === undefined ? {} : { 'content-type': 'application/json' }
  return exchange(url, { method, path, headers: { ...typed, ...headers }, body: Buffer.from(live(text)) })
}

/** Long bodies were not kept; any text of that length will do. */
function bodyOf({ json, raw }: RecordedRequest): string | undefined {
  const jsonLength = typeof json === 'string' ? /^<(\d+) bytes of JSON>$/.exec(json)?.[1] : undefined
  if (jsonLength !== undefined) return JSON.stringify('x'.repeat(Number(jsonLength) - 2))
  if (json !== undefined) return stringifyPython(json)
  const length = /^<(\d+) bytes>$/.exec(raw ?? '')?.[1]
  return length === undefined ? raw : 'x'.repeat(Number(length))
}
