/** Failures that only the test nodes of the recorded server can bring about (golden 06), and a restart (13). */
import type { Case, Group } from '@squall/twin-kit/conformance/case'
import { check, having, including, listOf, matching, text } from '@squall/twin-kit/conformance/compare'
import type { Graph } from '../graph.ts'
import { type ComfyuiTarget, freshClientId, freshColor, smallGraph } from './comfyui-target.ts'

type Row = readonly [kind: string, exception: string, message: RegExp]

const rows: readonly Row[] = [
  ['value', 'ValueError', /^synthetic failure\n$/],
  ['keyerror', 'KeyError', /\n$/],
  ['filenotfound', 'FileNotFoundError', /No such file or directory/],
  [
    'oom',
    'torch.OutOfMemoryError',
    /^CUDA out of memory\. Tried to allocate [^]*\nThis error means you ran out of memory on your GPU\./,
  ],
]

const needs = ['test-nodes']

function failing(kind: string): Graph {
  const { 1: image, 2: preview } = smallGraph()
  return {
    1: image,
    3: { class_type: 'TFail', inputs: { image: ['1', 0], kind, salt: freshColor() } },
    2: { ...preview, inputs: { images: ['3', 0] } },
  } as Graph
}

/** Failures of nodes. */
export const failureCases: Group<ComfyuiTarget> = {
  name: 'failures',
  cases: [
    ...rows.map(
      ([kind, exception, message]): Case<ComfyuiTarget> => ({
        name: `a node raises: ${kind}`,
        needs,
        run: async (target) => {
          const { id, socket } = await target.runToEnd(failing(kind))
          const error = socket.frames.find(({ type }) => type === 'execution_error')?.data
          check(
            'execution_error',
            error,
            having({
              prompt_id: id,
              node_id: '3',
              node_type: 'TFail',
              executed: including('1'),
              exception_type: exception,
              exception_message: matching(message),
              traceback: listOf(text),
            }),
          )
          check('job', await target.json(`/api/jobs/${id}`), having({ status: 'failed' }))
          await target.forget(id)
        },
      }),
    ),
    {
      name: 'NaN goes out bare, which is no JSON',
      needs,
      run: async (target) => {
        const graph: Graph = { 1: { class_type: 'TNanUi', inputs: { kind: 'nan', salt: freshColor() } } }
        const { id } = await target.runToEnd(graph)
        const { text: body } = await target.send({ path: `/history/${id}` })
        check('GET /history', body, matching(/"value": \[NaN\]/))
        await target.forget(id)
      },
    },
    {
      name: 'a blocked output says so and is a success all the same',
      needs,
      run: async (target) => {
        const { 1: image, 2: preview } = smallGraph()
        const block = { class_type: 'TBlock', inputs: { image: ['1', 0], message: 'not today' } }
        const graph = { 1: image, 3: block, 2: { ...preview, inputs: { images: ['3', 0] } } } as Graph
        const { id, socket } = await target.runToEnd(graph)
        const ends = socket.order.filter((type) => type.startsWith('execution_')).slice(2)
        check('ends', ends, ['execution_error', 'execution_success'])
        await target.forget(id)
      },
    },
    {
      name: 'a node may grow into a sub-graph',
      needs,
      run: async (target) => {
        const { 1: image, 2: preview } = smallGraph()
        const grow = { class_type: 'TExpand', inputs: { image: ['1', 0], steps: 2 } }
        const graph = { 1: image, 3: grow, 2: { ...preview, inputs: { images: ['3', 0] } } } as Graph
        const { id, socket } = await target.runToEnd(graph)
        const inner = socket.frames.filter(
          ({ type, data }) => type === 'executing' && data['display_node'] === '3',
        )
        check(
          'nodes',
          inner.map(({ data }) => data['node']),
          ['3', '3.0.0.1', '3.0.0.2'],
        )
        await target.forget(id)
      },
    },
  ],
}

/** A restart of the server. These come last: they forget everything. */
export const restartCases: Group<ComfyuiTarget> = {
  name: 'restart',
  cases: [
    {
      name: 'history, counter and temp files go; output, settings and user files stay',
      needs: ['restart', 'harm'],
      budgetMs: 60_000,
      run: async (target) => {
        const prefix = freshClientId()
        const graph = {
          ...smallGraph(),
          3: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: prefix } },
        }
        const { id, socket } = await target.runToEnd(graph)
        const temp = socket.frames.find(({ data }) => data['node'] === '2' && data['output'] !== undefined)
        const filename = /"filename":"([^"]+)"/.exec(JSON.stringify(temp))?.[1] ?? 'no picture was made'
        await target.post('/settings/Squall.Restart', 'kept')
        using connected = await target.connect(freshClientId())
        await target.restart()
        check('close code', await connected.closed, 1006)
        check('history', await target.json('/history'), {})
        check('queue', await target.json('/queue'), { queue_running: [], queue_pending: [] })
        check('job', (await target.send({ path: `/api/jobs/${id}` })).status, 404)
        check('temp file', (await target.send({ path: `/view?filename=${filename}&type=temp` })).status, 404)
        check('output file', (await target.send({ path: `/view?filename=${prefix}_00001_.png` })).status, 200)
        check('setting', await target.json('/settings/Squall.Restart'), 'kept')
        const answer = await target.post('/prompt', { prompt: graph })
        check('number', answer.text, matching(/"number": 0,/))
      },
    },
  ],
}
