/** `POST /prompt` (golden 05, 08) and `GET /prompt`. */
import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { noteFacts, PythonFloat, type Route } from '@squall/twin-kit'
import { answerCrash, answerJson, isObject, readJson } from '../answer.ts'
import type { Backend } from '../backend.ts'
import type { Graph } from '../graph.ts'
import type { Profile } from '../profile.ts'
import { PythonError } from '../python-error.ts'
import { isTruthy } from '../validation/coerce.ts'
import { type PromptError, promptError } from '../validation/failure.ts'
import { validateGraph } from '../validation/validate-graph.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Members of extra_data that a server never shows. */
const secrets = ['auth_token_comfy_org', 'api_key_comfy_org']

/** Routes for submitting. */
export function promptRoutes(backend: Backend): Route[] {
  const nextNumber = createNumbers()
  return [
    {
      method: 'GET',
      path: '/prompt',
      handle: ({ response }) =>
        answerJson(response, { exec_info: { queue_remaining: backend.queue.remaining() } }),
    },
    {
      method: 'POST',
      path: '/prompt',
      handle: async ({ request, response }) => {
        const body = await readJson(request)
        backend.log.write('got prompt')
        if (Array.isArray(body)) {
          nextNumber({})
          refuse(response, noPrompt)
        } else if (isObject(body)) submit(backend, body, nextNumber(body), response)
        else throw new TypeError('the body is not an object')
      },
    },
  ]
}

const noPrompt = promptError('no_prompt', 'No prompt provided', 'No prompt provided')

const invalidPromptId = promptError(
  'invalid_prompt_id',
  'prompt_id must be a valid UUID',
  'prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one',
)

/** The counter rises with every request without an explicit number, refused ones included. */
function createNumbers(): (body: Readonly<Record<string, unknown>>) => number | PythonFloat {
  let counter = 0
  return (body) => {
    if ('number' in body) {
      const number = Number(body['number'])
      if (Number.isNaN(number) || body['number'] === '' || body['number'] === null) {
        throw new TypeError('number is not a number')
      }
      return new PythonFloat(number)
    }
    const mine = counter++
    return isTruthy(body['front']) && mine !== 0 ? -mine : mine
  }
}

function submit(
  backend: Backend,
  body: Readonly<Record<string, unknown>>,
  number: number | PythonFloat,
  response: ServerResponse,
): void {
  const { prompt, prompt_id: wantedId } = body
  if (!('prompt' in body)) return refuse(response, noPrompt)
  if (!isObject(prompt)) throw new TypeError('the prompt is not an object')
  if (wantedId !== undefined && wantedId !== null && !isValidId(wantedId, backend.profile)) {
    return refuse(response, invalidPromptId)
  }
  const promptId = typeof wantedId === 'string' ? wantedId : randomUUID()
  const targets = backend.profile.hasTargets ? body['partial_execution_targets'] : undefined
  const graph = prompt as Graph
  const { error, goodOutputs, nodeErrors } = validateGraph(
    graph,
    backend.catalog,
    backend.customCheck,
    Array.isArray(targets) ? targets : undefined,
  )
  if (error !== undefined) return refuse(response, inDialect(error, backend.profile), nodeErrors)
  const extraData = extraDataOf(body, backend.profile.hasCreateTime ? backend.context.clock.now() : undefined)
  const clientId = extraData['client_id']
  backend.context.journal('job-accepted', {
    jobId: promptId,
    ...(typeof clientId === 'string' ? { clientId } : {}),
  })
  noteFacts(response, { promptId, clientId })
  try {
    const put = backend.context.faults.decide('comfyui.queue.put', { promptId, clientId })
    if (put === undefined) backend.queue.put({ number, promptId, graph, extraData, outputs: goodOutputs })
  } catch (tie) {
    // A full tie in the heap: the client is told 500, and the prompt runs nevertheless (golden 08).
    if (!(tie instanceof PythonError)) throw tie
    answerCrash(response)
    return
  } finally {
    backend.worker.wake()
  }
  answerJson(response, { prompt_id: promptId, number, node_errors: nodeErrors })
}

function isValidId(id: unknown, { needsUuid }: Profile): id is string {
  return typeof id === 'string' && (!needsUuid || uuid.test(id))
}

/** How older servers say that a node class is unknown. */
function inDialect(error: PromptError, { namesMissingNodes }: Profile): PromptError {
  if (namesMissingNodes || error.type !== 'missing_node_type') return error
  const className = error.extra_info['class_type']
  const message =
    typeof className === 'string'
      ? `Cannot execute because node ${className} does not exist.`
      : 'Cannot execute because a node is missing the class_type property.'
  return promptError('invalid_prompt', message, error.details)
}

function extraDataOf(
  body: Readonly<Record<string, unknown>>,
  now: number | undefined,
): Record<string, unknown> {
  const given = 'extra_data' in body ? body['extra_data'] : {}
  if (!isObject(given)) throw new TypeError('extra_data is not an object')
  const shown = Object.entries(given).filter(([key]) => !secrets.includes(key))
  return {
    ...Object.fromEntries(shown),
    ...('client_id' in body ? { client_id: body['client_id'] } : {}),
    ...(now === undefined ? {} : { create_time: Math.trunc(now) }),
  }
}

function refuse(response: ServerResponse, error: PromptError, nodeErrors: object = {}): void {
  answerJson(response, { error, node_errors: nodeErrors }, 400)
}
