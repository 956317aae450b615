/** Putting a call into the queue: what `queue/join` and `call` have in common. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Dependency } from '../gradio/dependency.ts'
import { isJob, type Server } from '../server.ts'
import type { Session } from '../session.ts'
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
    session: findSession(server, sessionHash, dependency),
    dependency,
    values: body.data,
    triggerId: body.triggerId,
    root: rootOf(request),
    simpleFormat,
  })
  return id
}

function findSession({ context, sessions }: Server, sessionHash: string, { fn }: Dependency): Session {
  const lost = context.faults.decide('wan2gp.session.find', { sessionHash, fn: fn.name })
  if (lost !== undefined) sessions.forget(sessionHash)
  return sessions.open(sessionHash)
}
