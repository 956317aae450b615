/** Putting a call into the queue: what `queue/join` and `call` have in common. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Dependency } from '../gradio/dependency.ts'
import { isJob, type Server } from '../server.ts'
import { rootOf } from './answers.ts'
import type { PredictBody } from './predict-body.ts'

/** Queue a call and return its event id (32 hex digits). Without a session hash the event id is the session. */
export function enqueue(
  server: Server,
  options: { request: IncomingMessage; dependency: Dependency; body: PredictBody; simpleFormat: boolean },
): string {
  const { request, dependency, body, simpleFormat } = options
  const id = randomUUID().replaceAll('-', '')
  const sessionHash = body.sessionHash ?? id
  if (isJob(dependency)) server.context.journal('job-accepted', { jobId: id, clientId: sessionHash })
  server.queue.push({
    id,
    sessionHash,
    session: server.sessions.open(sessionHash),
    dependency,
    values: body.data,
    root: rootOf(request),
    simpleFormat,
  })
  return id
}
