/** `/api/jobs`: one list over queue and history, with paging, sorting and cancelling (golden 12, 14). */
import type { Call, Route } from '@squall/twin-kit'
import { answerJson, readJsonObject } from '../answer.ts'
import type { Backend } from '../backend.ts'
import { type Job, type JobStatus, jobFromHistory, jobFromQueue, jobStatuses } from '../jobs.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Routes for jobs. They are declared with `/api`, so `/jobs` is unknown and `/api/api/jobs` works. */
export function jobRoutes(backend: Backend): Route[] {
  if (!backend.profile.hasJobs) return []
  return [
    { method: 'GET', path: '/api/jobs', handle: (call) => list(backend, call) },
    {
      method: 'GET',
      path: '/api/jobs/:id',
      handle: ({ response, params }) => {
        const job = findJob(backend, params['id'] ?? '')
        if (job === undefined) answerJson(response, { error: 'Job not found' }, 404)
        else answerJson(response, job)
      },
    },
    ...(backend.profile.hasJobCancel ? cancelRoutes(backend) : []),
  ]
}

function cancelRoutes(backend: Backend): Route[] {
  return [
    { method: 'POST', path: '/api/jobs/cancel', handle: (call) => cancelMany(backend, call) },
    {
      method: 'POST',
      path: '/api/jobs/:id/cancel',
      handle: ({ response, params }) =>
        answerJson(response, { cancelled: cancel(backend, params['id'] ?? '') }),
    },
  ]
}

function findJob({ queue, history }: Backend, id: string): Job | undefined {
  const running = queue.running()
  if (running?.promptId === id) return jobFromQueue(running, 'in_progress')
  const pending = queue.pending().find(({ promptId }) => promptId === id)
  if (pending !== undefined) return jobFromQueue(pending, 'pending')
  const entry = history.entries().find(({ item }) => item.promptId === id)
  return entry === undefined ? undefined : jobFromHistory(entry, true)
}

function allJobs({ queue, history }: Backend): Job[] {
  const running = queue.running()
  return [
    ...(running === undefined ? [] : [jobFromQueue(running, 'in_progress')]),
    ...queue.pending().map((item) => jobFromQueue(item, 'pending')),
    ...history.entries().map((entry) => jobFromHistory(entry)),
  ]
}

function list(backend: Backend, { response, query }: Call): void {
  const wish = readWish(query)
  if ('error' in wish) return answerJson(response, wish, 400)
  const { statuses, workflowId, sortBy, descending, limit, offset } = wish
  const jobs = allJobs(backend)
    .filter(({ status }) => statuses.includes(status))
    .filter((job) => workflowId === null || job.workflow_id === workflowId)
    .toSorted((left, right) => (sortKey(left, sortBy) - sortKey(right, sortBy)) * (descending ? -1 : 1))
  const page = jobs.slice(offset, limit === null ? undefined : offset + limit)
  const total = jobs.length
  const pagination = { offset, limit, total, has_more: offset + page.length < total }
  answerJson(response, { jobs: page, pagination })
}

type Wish = {
  readonly statuses: readonly JobStatus[]
  readonly workflowId: string | null
  readonly sortBy: string
  readonly descending: boolean
  readonly limit: number | null
  readonly offset: number
}

/** The query, or the server's complaint about it. */
function readWish(query: URLSearchParams): Wish | { readonly error: string } {
  const asked = (query.get('status') ?? '').split(',').map((status) => status.trim().toLowerCase())
  const wanted = asked.filter((status) => status !== '')
  const unknown = wanted.filter((status) => !jobStatuses.some((known) => known === status))
  if (unknown.length > 0) {
    const valid = jobStatuses.join(', ')
    return { error: `Invalid status value(s): ${unknown.join(', ')}. Valid values: ${valid}` }
  }
  const sortBy = query.get('sort_by') ?? 'created_at'
  if (sortBy !== 'created_at' && sortBy !== 'execution_duration') {
    return { error: "sort_by must be 'created_at' or 'execution_duration'" }
  }
  const order = query.get('sort_order') ?? 'desc'
  if (order !== 'asc' && order !== 'desc') return { error: "sort_order must be 'asc' or 'desc'" }
  const limit = wholeNumber(query.get('limit'))
  if (Number.isNaN(limit)) return { error: 'limit must be an integer' }
  if (limit !== null && limit < 1) return { error: 'limit must be a positive integer' }
  const offset = wholeNumber(query.get('offset'))
  if (Number.isNaN(offset)) return { error: 'offset must be an integer' }
  const statuses = jobStatuses.filter((status) => wanted.length === 0 || wanted.includes(status))
  const workflowId = query.get('workflow_id')
  const descending = order === 'desc'
  return { statuses, workflowId, sortBy, descending, limit, offset: Math.max(0, offset ?? 0) }
}

function wholeNumber(text: string | null): number | null {
  if (text === null || text === '') return null
  return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : Number.NaN
}

function sortKey(job: Job, sortBy: string): number {
  if (sortBy === 'created_at') return Number(job.create_time ?? 0)
  return Number(job['execution_end_time'] ?? 0) - Number(job['execution_start_time'] ?? 0)
}

/** Stops a running prompt or drops a pending one. False for everything else. */
function cancel({ queue, worker }: Backend, id: string): boolean {
  if (queue.running()?.promptId === id) {
    worker.interrupt(id)
    return true
  }
  return queue.remove(id)
}

async function cancelMany(backend: Backend, { request, response }: Call): Promise<void> {
  const { job_ids: ids } = await readJsonObject(request)
  if (!Array.isArray(ids)) return answerJson(response, { error: 'job_ids must be a list' }, 400)
  const invalid = ids.filter((id) => typeof id !== 'string' || !uuid.test(id))
  if (invalid.length > 0) {
    return answerJson(response, { error: 'job_ids must be UUIDs', invalid_ids: invalid }, 400)
  }
  const cancelled = ids.map((id) => cancel(backend, String(id)))
  answerJson(response, { cancelled: cancelled.some(Boolean) })
}
