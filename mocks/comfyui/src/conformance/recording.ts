/** Reads a golden recording: what a real server and its clients said, one event per line (golden/README.md). */
import { readFileSync } from 'node:fs'
import { readExact } from './exact-json.ts'

/** One line. `at` is its line number, which names it in reports. */
export type RecordedEvent = { readonly at: number } & (
  | { readonly k: 'note'; readonly text: string }
  | ({ readonly k: 'http_req' } & RecordedRequest)
  | ({ readonly k: 'http_res' } & RecordedResponse)
  | { readonly k: 'http_err'; readonly method: string; readonly path: string }
  | { readonly k: 'ws_connect'; readonly conn: string; readonly path: string }
  | { readonly k: 'ws_connect_err'; readonly conn: string }
  | { readonly k: 'ws_send'; readonly conn: string; readonly json?: unknown; readonly raw?: string }
  | { readonly k: 'ws_recv'; readonly conn: string; readonly json?: unknown; readonly truncated?: string }
  | ({ readonly k: 'ws_recv_binary'; readonly conn: string } & BinaryFrame)
  | { readonly k: 'ws_client_close'; readonly conn: string }
  | { readonly k: 'ws_closed'; readonly conn: string; readonly close_code: number | null }
  | { readonly k: 'ws_send_err'; readonly conn: string }
)

/** A request. Exactly one of the body members is there, or none. */
export type RecordedRequest = {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly raw?: string
  /** Description of a form; its content is in `forms.ts`. */
  readonly form?: string
}

/** An answer. Long JSON is cut (`json_truncated`), files are decoded to length and first bytes. */
export type RecordedResponse = {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly json_truncated?: string
  readonly text?: string
  readonly binary?: { readonly len: number; readonly head_hex: string }
}

/** A binary frame without its picture. */
export type BinaryFrame = {
  readonly event_type: number
  readonly image_type?: number
  readonly metadata?: unknown
  readonly image_magic_hex?: string
  readonly node_id?: string
  readonly text?: string
}

/** Reads the recording `name` (without folder and ending). */
export function readRecording(name: string): RecordedEvent[] {
  const text = readFileSync(new URL(`../../golden/${name}.jsonl`, import.meta.url), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, at) => ({ at, ...(readExact(line) as object) }) as RecordedEvent)
}
