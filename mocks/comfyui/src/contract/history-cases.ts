/** History with paging, and jobs as one list (comfyui.md 1 and 4.4, golden 11 and 12). */
import { randomUUID } from 'node:crypto'
import type { Case, Group } from '@squall/twin-kit/conformance/case'
import { check, having, listOf, matching, number, text } from '@squall/twin-kit/conformance/compare'
import { jsonOf } from '@squall/twin-kit/conformance/send'
import { type ComfyuiTarget, smallGraph } from './comfyui-target.ts'
import { crashed } from './http-cases.ts'

const uuid = '6f6e7c1e-1111-4222-8333-444455556666'

type Row = readonly [name: string, path: string, status: number, body: unknown]

const rows: readonly Row[] = [
  ['history: an unknown id is empty, not missing', `/history/${uuid}`, 200, {}],
  ['history: at most none', '/history?max_items=0', 200, {}],
  ['history: at most a negative number', '/history?max_items=-1', 200, {}],
  ['jobs: an unknown id is missing', `/api/jobs/${uuid}`, 404, { error: 'Job not found' }],
  [
    'jobs: an unknown status',
    '/api/jobs?status=lost',
    400,
    {
      error: matching(
        /^Invalid status value\(s\): lost\. Valid values: pending, in_progress, completed, failed, cancelled$/,
      ),
    },
  ],
  ['jobs: an unknown order', '/api/jobs?sort_order=up', 400, { error: "sort_order must be 'asc' or 'desc'" }],
  [
    'jobs: an unknown sort',
    '/api/jobs?sort_by=name',
    400,
    { error: "sort_by must be 'created_at' or 'execution_duration'" },
  ],
  ['jobs: a limit of nothing', '/api/jobs?limit=0', 400, { error: 'limit must be a positive integer' }],
  ['jobs: a limit that is no number', '/api/jobs?limit=x', 400, { error: 'limit must be an integer' }],
  [
    'jobs: a negative offset counts as none',
    '/api/jobs?limit=1&offset=-5',
    200,
    having({ pagination: having({ offset: 0, limit: 1 }) }),
  ],
]

/** The group. */
export const historyCases: Group<ComfyuiTarget> = {
  name: 'history',
  cases: [
    ...rows.map(
      ([name, path, status, body]): Case<ComfyuiTarget> => ({
        name,
        run: async ({ send }) => {
          const answer = await send({ path })
          check(`GET ${path}`, { status: answer.status, body: jsonOf(answer) }, { status, body })
        },
      }),
    ),
    {
      name: 'history: at most a text is a crash',
      run: async ({ send }) => check('GET', await send({ path: '/history?max_items=x' }), having(crashed)),
    },
    {
      name: 'history: removing what is not there, or a text, changes nothing',
      run: async ({ post }) => {
        for (const wish of [[randomUUID()], 'abc']) {
          const { status, text: body } = await post('/history', { delete: wish })
          check('POST /history', { status, body }, { status: 200, body: '' })
        }
      },
    },
    {
      name: 'history: `max_items` are the newest, oldest of them first',
      run: async (target) => {
        const ids: string[] = []
        for (let count = 0; count < 3; count++) ids.push((await target.runToEnd(smallGraph())).id)
        check(
          'GET /history',
          Object.keys((await target.json('/history?max_items=2')) as object),
          ids.slice(1),
        )
        await target.forget(...ids)
      },
    },
    {
      name: 'history: `offset` counts from the oldest',
      needs: ['harm'],
      run: async (target) => {
        await target.post('/history', { clear: true })
        const ids: string[] = []
        for (let count = 0; count < 3; count++) ids.push((await target.runToEnd(smallGraph())).id)
        const page = await target.json('/history?max_items=1&offset=1')
        check('GET /history', Object.keys(page as object), [ids[1]])
        await target.post('/history', { clear: true })
        check('after clear', await target.json('/history'), {})
      },
    },
    {
      name: 'jobs: a finished one, in the list and alone',
      run: async (target) => {
        const extra = { extra_pnginfo: { workflow: { id: 'squall' } } }
        const { id } = await target.runToEnd(smallGraph(), { extra_data: extra })
        const file = { filename: text, subfolder: '', type: 'temp' }
        const job = {
          id,
          status: 'completed',
          priority: number,
          create_time: number,
          execution_start_time: number,
          execution_end_time: number,
          outputs_count: 1,
          previewable_outputs_count: 1,
          preview_output: { ...file, nodeId: '2', mediaType: 'images' },
          workflow_id: 'squall',
        }
        const list = (await target.json('/api/jobs?workflow_id=squall&limit=1')) as { jobs: unknown[] }
        check('list', list, {
          jobs: [job],
          pagination: { offset: 0, limit: 1, total: number, has_more: list.jobs.length === 0 },
        })
        check('alone', await target.json(`/api/jobs/${id}`), {
          ...job,
          outputs: { 2: { images: [file] } },
          execution_status: having({ status_str: 'success', completed: true }),
          workflow: { prompt: having({}), extra_data: having({ create_time: number }) },
        })
        await target.forget(id)
      },
    },
    {
      name: 'jobs: cancelling wants a list of UUIDs',
      run: async ({ post }) => {
        const wrong = await post('/api/jobs/cancel', { job_ids: 'all' })
        check(
          'no list',
          { status: wrong.status, body: jsonOf(wrong) },
          { status: 400, body: having({ error: text }) },
        )
        const bad = await post('/api/jobs/cancel', { job_ids: ['x', uuid] })
        check(
          'no UUID',
          { status: bad.status, body: jsonOf(bad) },
          { status: 400, body: having({ invalid_ids: ['x'] }) },
        )
        check('unknown', jsonOf(await post('/api/jobs/cancel', { job_ids: [uuid] })), { cancelled: false })
      },
    },
    {
      name: 'jobs: the list and its pages',
      run: async ({ json }) => {
        check('GET /api/jobs', await json('/api/jobs?limit=2'), {
          jobs: listOf(having({ id: text, status: text, outputs_count: number })),
          pagination: having({ offset: 0, limit: 2, total: number }),
        })
      },
    },
  ],
}
