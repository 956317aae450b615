/** One prompt from submit to history: order of frames, cache, two in a row, errors at run time (comfyui.md 3.3, 4). */
import type { Group } from '@squall/twin-kit/conformance/case'
import { anything, check, having, listOf, matching, number, text } from '@squall/twin-kit/conformance/compare'
import { historyOnceThere } from './accept-cases.ts'
import { type ComfyuiTarget, freshClientId, freshColor, requireIdle, smallGraph } from './comfyui-target.ts'
import { type ContractSocket, isEndOf } from './contract-socket.ts'

const tempFile = { filename: matching(/^ComfyUI_temp_[a-z]{5}_\d{5}_\.png$/), subfolder: '', type: 'temp' }

/** The group. */
export const runCases: Group<ComfyuiTarget> = {
  name: 'run',
  cases: [
    {
      name: 'a fresh prompt sends its frames in order',
      run: async (target) => {
        await requireIdle(target)
        const { id, socket } = await target.runToEnd(smallGraph())
        check('frames', lastFrames(socket), freshRun(id))
        await target.forget(id)
      },
    },
    {
      name: 'the same again is cached: no node executes, the old file is named',
      run: async (target) => {
        await requireIdle(target)
        const graph = smallGraph()
        const first = await target.runToEnd(graph)
        const again = await target.runToEnd(graph)
        const id = again.id
        const output = first.socket.frames.find(({ type }) => type === 'executed')?.data['output']
        check(
          'frames',
          lastFrames(again.socket).map(({ type }) => type),
          [
            'status',
            'status',
            'execution_start',
            'execution_cached',
            'executed',
            'progress_state',
            'execution_success',
            'status',
            'executing',
          ],
        )
        const frame = (type: string) => again.socket.frames.find((one) => one.type === type)?.data
        check('execution_cached', frame('execution_cached'), {
          nodes: ['1', '2'],
          prompt_id: id,
          timestamp: number,
        })
        check('executed', frame('executed'), { node: '2', display_node: '2', output, prompt_id: id })
        await target.forget(first.id, id)
      },
    },
    {
      name: 'renamed nodes still hit the cache',
      run: async (target) => {
        await requireIdle(target)
        const color = freshColor()
        const first = await target.runToEnd(smallGraph(color))
        const { 1: image, 2: preview } = smallGraph(color)
        const renamed = { a: image, b: { ...preview, inputs: { images: ['a', 0] } } }
        const again = await target.runToEnd(renamed as ReturnType<typeof smallGraph>)
        const cached = again.socket.frames.find(({ type }) => type === 'execution_cached')?.data['nodes']
        check('cached nodes', (cached as string[]).toSorted(), ['a', 'b'])
        await target.forget(first.id, again.id)
      },
    },
    {
      name: 'the next prompt starts after the last frame of the one before',
      run: async (target) => {
        await requireIdle(target)
        using socket = await target.connect(freshClientId())
        const more = { client_id: socket.clientId }
        const first = await target.submit(smallGraph(), more)
        const second = await target.submit(smallGraph(), more)
        await socket.until('the end of the second', isEndOf(second))
        const order = socket.frames.flatMap(({ data }) => data['prompt_id'] ?? [])
        check('first frame of the second', order.indexOf(second) > order.lastIndexOf(first), true)
        await target.forget(first, second)
      },
    },
    {
      name: 'the history entry of a success',
      run: async (target) => {
        const { id } = await target.runToEnd(smallGraph())
        check('GET /history', await target.json(`/history/${id}`), { [id]: successEntry(id) })
        await target.forget(id)
        check('after its removal', await target.json(`/history/${id}`), {})
      },
    },
    {
      name: 'a constant where a link must be passes validation and fails at run time',
      run: async (target) => {
        const graph = {
          1: { class_type: 'ImageInvert', inputs: { image: 'no picture' } },
          2: { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
        }
        const { id, socket } = await target.runToEnd(graph)
        const error = socket.frames.find(({ type }) => type === 'execution_error')?.data
        check('execution_error', error, failure(id))
        const tail = lastFrames(socket).slice(-3)
        check(
          'last frames',
          tail.map(({ type }) => type),
          ['execution_error', 'status', 'executing'],
        )
        const entry = await historyOnceThere(target, id)
        check('status', entry['status'], having({ status_str: 'error', completed: false }))
        await target.forget(id)
      },
    },
    {
      name: 'a batch gives one file for each picture',
      run: async (target) => {
        const graph = smallGraph()
        const inputs = { ...graph['1']?.inputs, batch_size: 3 }
        const { id, socket } = await target.runToEnd({ ...graph, 1: { class_type: 'EmptyImage', inputs } })
        const output = socket.frames.find(({ type }) => type === 'executed')?.data['output']
        check('output', output, { images: [tempFile, tempFile, tempFile] })
        await target.forget(id)
      },
    },
  ],
}

/** Everything after the greeting. */
function lastFrames({ frames }: ContractSocket): ContractSocket['frames'] {
  return frames.slice(1)
}

/** The frames of `smallGraph` on a server that has never seen it. */
function freshRun(id: string): unknown[] {
  const status = (left: number): unknown => ({
    type: 'status',
    data: { status: { exec_info: { queue_remaining: left } } },
  })
  const bar = (node: string, value: number, state: string): unknown => ({
    value,
    max: 1,
    state,
    node_id: node,
    prompt_id: id,
    display_node_id: node,
    parent_node_id: null,
    real_node_id: node,
  })
  const states = (nodes: object): unknown => ({ type: 'progress_state', data: { prompt_id: id, nodes } })
  const executing = (node: string): unknown => ({
    type: 'executing',
    data: { node, display_node: node, prompt_id: id },
  })
  const done = bar('1', 1, 'finished')
  const at = { prompt_id: id, timestamp: number }
  return [
    status(1),
    status(1),
    { type: 'execution_start', data: at },
    { type: 'execution_cached', data: { nodes: [], ...at } },
    states({ 1: bar('1', 0, 'running') }),
    executing('1'),
    states({ 1: done }),
    states({ 1: done, 2: bar('2', 0, 'running') }),
    executing('2'),
    {
      type: 'executed',
      data: { node: '2', display_node: '2', output: { images: [tempFile] }, prompt_id: id },
    },
    states({ 1: done, 2: bar('2', 1, 'finished') }),
    { type: 'execution_success', data: at },
    status(0),
    { type: 'executing', data: { node: null, prompt_id: id } },
  ]
}

function successEntry(id: string): unknown {
  const meta = { node_id: '2', display_node: '2', parent_node: null, real_node_id: '2' }
  const at = { prompt_id: id, timestamp: number }
  return {
    prompt: [number, id, having({ 1: anything, 2: anything }), having({ create_time: number }), ['2']],
    outputs: { 2: { images: [tempFile] } },
    status: {
      status_str: 'success',
      completed: true,
      messages: [
        ['execution_start', at],
        ['execution_cached', { nodes: [], ...at }],
        ['execution_success', at],
      ],
    },
    meta: { 2: meta },
  }
}

function failure(id: string): unknown {
  return {
    prompt_id: id,
    node_id: '1',
    node_type: 'ImageInvert',
    executed: [],
    exception_message: matching(/\n$/),
    exception_type: text,
    traceback: listOf(text),
    current_inputs: { image: ['no picture'] },
    current_outputs: listOf(text),
    timestamp: number,
  }
}
