/** One GET that must answer 200 with JSON. */
import { classifyStatus } from '../transport/http-error.ts'
import { asObject, type JsonObject, parseJson } from '../transport/json.ts'
import type { ProbeContext } from './service-probe.ts'

/** @throws ClientError */
export async function getJson(
  { http, signal, deadlineMs }: ProbeContext,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<JsonObject> {
  const answer = await http.call({ method: 'GET', path, headers, signal, deadlineMs })
  const what = `GET ${path}`
  if (answer.status !== 200) throw classifyStatus(answer.status, what, '', answer.headers['retry-after'])
  return asObject(parseJson(answer.bytes, what))
}
