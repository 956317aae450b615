/**
 * Calls outside the queue, `POST /gradio_api/run/<name>`: the answer is the output object itself. Allowed because
 * Wan2GP never calls `.queue()`. A generator answers with its first yield and is not pulled again (measured on
 * 5.29.0), so `process_tasks` starts a job this way that nobody can follow.
 */
import { randomUUID } from 'node:crypto'
import { type Call, type Route, sendJson } from '@squall/twin-kit'
import { complain, errorPayload } from '../gradio/gradio-error.ts'
import { invoke } from '../gradio/invoke.ts'
import { outputOf } from '../gradio/messages.ts'
import type { Point } from '../points.ts'
import { isJob, type Server } from '../server.ts'
import { newSession } from '../session.ts'
import { rootOf } from './answers.ts'
import { findByName } from './call.ts'
import { readPredictBody } from './predict-body.ts'

/** `run` and its alias `api`, with a slash at the end or without. */
export function runRoutes(server: Server): readonly Route[] {
  return ['run/:name', 'run/:name/', 'api/:name', 'api/:name/'].map((path) => ({
    method: 'POST',
    path: `/gradio_api/${path}`,
    point: 'wan2gp.http.run' satisfies Point,
    handle: (call) => run(server, call),
  }))
}

async function run(server: Server, call: Call): Promise<void> {
  const { request, response } = call
  const body = await readPredictBody(request, response)
  if (body === undefined) return
  const dependency = findByName(server, call)
  if (dependency === undefined) return
  const { clock, journal } = server.context
  const beginMs = clock.now()
  const eventId = randomUUID().replaceAll('-', '')
  if (isJob(dependency)) journal('job-accepted', { jobId: eventId, clientId: body.sessionHash ?? '' })
  try {
    const turns = invoke(dependency, {
      eventId,
      session: body.sessionHash === undefined ? newSession('') : server.sessions.open(body.sessionHash),
      values: body.data,
      triggerId: body.triggerId,
      root: rootOf(request),
      signal: new AbortController().signal,
      progress: () => undefined,
      info: () => undefined,
      warning: () => undefined,
    })
    const { value: turn } = await turns.next()
    const durationSeconds = (clock.now() - beginMs) / 1000
    const output = outputOf({
      data: turn?.values ?? [],
      isGenerating: turn?.kind === 'yield',
      durationSeconds,
      averageSeconds: durationSeconds,
    })
    sendJson(response, 200, output)
  } catch (error) {
    complain(error)
    sendJson(response, 500, errorPayload(error))
  }
}
