/** Waiting, order, removal and interruption (comfyui.md 4.1, 4.3). Behind a prompt that works for seconds. */
import { randomUUID } from 'node:crypto'
import type { Case, Group } from '@squall/twin-kit/conformance/case'
import { check, having, listOf, number, text } from '@squall/twin-kit/conformance/compare'
import { jsonOf } from '@squall/twin-kit/conformance/send'
import { historyOnceThere } from './accept-cases.ts'
import { type ComfyuiTarget, freshClientId, requireIdle, smallGraph } from './comfyui-target.ts'
import { type ContractSocket, isEndOf } from './contract-socket.ts'
import { crashed } from './http-cases.ts'

/** What a case gets: a running prompt that is interrupted and removed when the case ends, well or not. */
type Busy = { readonly running: string; readonly socket: ContractSocket }

type BusyCase = {
  readonly name: string
  readonly needs?: readonly string[]
  readonly run: (target: ComfyuiTarget, busy: Busy) => Promise<void>
}

const busyCases: readonly BusyCase[] = [
  {
    name: 'the running prompt and those that wait are shown',
    run: async (target, { running }) => {
      const waiting = await target.submit(smallGraph())
      const item = (id: string): unknown => [
        number,
        id,
        having({}),
        having({ create_time: number }),
        listOf(text),
      ]
      check('GET /queue', shown(await target.json('/queue')), {
        queue_running: [item(running)],
        queue_pending: [item(waiting)],
      })
      check('GET /prompt', await target.json('/prompt'), { exec_info: { queue_remaining: 2 } })
      await remove(target, waiting)
    },
  },
  {
    name: 'smaller numbers first, `front` before them all, latest first',
    run: async (target, { running, socket }) => {
      const more = { client_id: socket.clientId }
      const plain = await target.submit(smallGraph(), more)
      const front = await target.submit(smallGraph(), { ...more, front: true })
      const fronter = await target.submit(smallGraph(), { ...more, front: true })
      const half = await target.submit(smallGraph(), { ...more, number: -0.5 })
      await target.post('/interrupt', { prompt_id: running })
      await socket.until('the end of the last', isEndOf(plain))
      const starts = socket.frames
        .filter(({ type }) => type === 'execution_start')
        .map(({ data }) => data['prompt_id'])
      check('order of starts', starts, [running, fronter, front, half, plain])
      await target.forget(plain, front, fronter, half)
    },
  },
  {
    name: 'a waiting prompt that is removed leaves no trace',
    run: async (target, { socket }) => {
      const waiting = await target.submit(smallGraph(), { client_id: socket.clientId })
      const answer = await target.post('/queue', { delete: [waiting, randomUUID()] })
      check('POST /queue', { status: answer.status, text: answer.text }, { status: 200, text: '' })
      check('queue', (await waitingIds(target)).includes(waiting), false)
      check('history', await target.json(`/history/${waiting}`), {})
      check('job', (await target.send({ path: `/api/jobs/${waiting}` })).status, 404)
      check(
        'frames',
        socket.frames.some(({ data }) => data['prompt_id'] === waiting),
        false,
      )
    },
  },
  {
    name: 'the running prompt cannot be removed from the queue',
    run: async (target, { running }) => {
      check('POST /queue', (await target.post('/queue', { delete: [running] })).status, 200)
      const { queue_running: shownItems } = shown(await target.json('/queue'))
      check(
        'queue_running',
        (shownItems as unknown[][]).map(([, id]) => id),
        [running],
      )
    },
  },
  {
    name: 'an interrupt names its prompt: the running one ends as an error',
    run: async (target, { running, socket }) => {
      check('POST /interrupt', (await target.post('/interrupt', { prompt_id: running })).text, '')
      await socket.until('the end', isEndOf(running))
      const tail = socket.frames.slice(-3)
      check(
        'last frames',
        tail.map(({ type }) => type),
        ['execution_interrupted', 'status', 'executing'],
      )
      check(
        'execution_interrupted',
        tail[0]?.data,
        having({ prompt_id: running, node_id: text, node_type: text }),
      )
      check('no error', socket.order.includes('execution_error'), false)
      const { status } = await historyOnceThere(target, running)
      check('status', status, having({ status_str: 'error', completed: false }))
      const job = await target.json(`/api/jobs/${running}`)
      check('job', job, having({ status: 'cancelled' }))
    },
  },
  {
    name: 'an interrupt of a prompt that waits does nothing',
    run: async (target, { running }) => {
      const waiting = await target.submit(smallGraph())
      await target.post('/interrupt', { prompt_id: waiting })
      const { queue_running: items } = shown(await target.json('/queue'))
      check(
        'queue_running',
        (items as unknown[][]).map(([, id]) => id),
        [running],
      )
      check('still waiting', await waitingIds(target), [waiting])
      await remove(target, waiting)
    },
  },
  {
    name: 'the same id twice: both wait, the later history stays',
    run: async (target, { running, socket }) => {
      const id = randomUUID()
      const more = { client_id: socket.clientId, prompt_id: id }
      for (const number of [1e9, 2e9]) await target.submit(smallGraph(), { ...more, number })
      check('waiting', await waitingIds(target), [id, id])
      await target.post('/interrupt', { prompt_id: running })
      await socket.until('two ends', () => socket.frames.filter(isEndOf(id)).length === 2)
      await target.forget(id)
    },
  },
  {
    name: 'the same id and number twice: 500, and in the queue all the same',
    needs: ['harm'],
    run: async (target) => {
      const more = { prompt_id: randomUUID(), number: 1e9 }
      await target.submit(smallGraph(), more)
      const answer = await target.post('/prompt', { prompt: smallGraph(), ...more })
      check('POST /prompt', answer, having(crashed))
      check('waiting', await waitingIds(target), [more.prompt_id, more.prompt_id])
      await remove(target, more.prompt_id)
      await remove(target, more.prompt_id)
    },
  },
  {
    name: 'clear empties the queue and leaves the running one',
    needs: ['harm'],
    run: async (target, { running }) => {
      await target.submit(smallGraph())
      await target.submit(smallGraph())
      check('POST /queue', (await target.post('/queue', { clear: true })).text, '')
      check('waiting', await waitingIds(target), [])
      const { queue_running: items } = shown(await target.json('/queue'))
      check(
        'queue_running',
        (items as unknown[][]).map(([, id]) => id),
        [running],
      )
    },
  },
  {
    name: 'an interrupt without JSON hits whatever runs',
    needs: ['harm'],
    run: async (target, { running, socket }) => {
      const answer = await target.send({ method: 'POST', path: '/interrupt', body: 'stop' })
      check('POST /interrupt', { status: answer.status, text: answer.text }, { status: 200, text: '' })
      await socket.until('the end', isEndOf(running))
    },
  },
  {
    name: 'a client that comes late is told the running node and nothing else',
    run: async (target, { running, socket }) => {
      await socket.until('a node', ({ type, data }) => type === 'executing' && data['prompt_id'] === running)
      const id = socket.clientId
      socket.close(1000)
      await socket.closed
      using late = await target.connect(id)
      const { data } = await late.until('executing', ({ type }) => type === 'executing')
      check('executing', Object.keys(data), ['node'])
      check('first frames', late.order.slice(0, 2), ['status', 'executing'])
    },
  },
  {
    name: 'jobs: cancelling the running one and one that waits',
    run: async (target, { running, socket }) => {
      const waiting = await target.submit(smallGraph())
      const cancel = async (id: string) => jsonOf(await target.post(`/api/jobs/${id}/cancel`, {}))
      check('waiting', await target.json(`/api/jobs/${waiting}`), having({ id: waiting, status: 'pending' }))
      check(
        'running',
        await target.json(`/api/jobs/${running}`),
        having({ id: running, status: 'in_progress' }),
      )
      check('cancel of the waiting', await cancel(waiting), { cancelled: true })
      check('gone', (await target.send({ path: `/api/jobs/${waiting}` })).status, 404)
      check('cancel of the running', await cancel(running), { cancelled: true })
      await socket.until('the end', isEndOf(running))
      check('again', await cancel(running), { cancelled: false })
      check('an unknown one', await cancel(randomUUID()), { cancelled: false })
    },
  },
]

/** The group. */
export const queueCases: Group<ComfyuiTarget> = {
  name: 'queue',
  cases: [
    ...busyCases.map(
      ({ name, needs = [], run }): Case<ComfyuiTarget> => ({
        name,
        needs: ['slow-work', ...needs],
        budgetMs: 60_000,
        run: (target) => whileBusy(target, run),
      }),
    ),
    {
      name: 'an interrupt while nothing runs has no effect later',
      needs: ['harm'],
      run: async (target) => {
        await requireIdle(target)
        await target.post('/interrupt', {})
        const { id, socket } = await target.runToEnd(smallGraph())
        check('success', socket.order.includes('execution_success'), true)
        await target.forget(id)
      },
    },
    {
      name: 'free answers nothing, and everything runs again',
      needs: ['harm'],
      run: async (target) => {
        const graph = smallGraph()
        const first = await target.runToEnd(graph)
        const answer = await target.post('/free', { unload_models: true, free_memory: true })
        check('POST /free', { status: answer.status, text: answer.text }, { status: 200, text: '' })
        const again = await target.runToEnd(graph)
        const cached = again.socket.frames.find(({ type }) => type === 'execution_cached')?.data['nodes']
        check('cached nodes', cached, [])
        await target.forget(first.id, again.id)
      },
    },
  ],
}

async function whileBusy(target: ComfyuiTarget, run: BusyCase['run']): Promise<void> {
  await requireIdle(target)
  using socket = await target.connect(freshClientId())
  const running = await target.submit(target.slowGraph(), { client_id: socket.clientId })
  try {
    await socket.until(
      'a node that runs',
      ({ type, data }) => type === 'executing' && data['prompt_id'] === running,
    )
    await run(target, { running, socket })
  } finally {
    await target.post('/interrupt', { prompt_id: running })
    await historyOnceThere(target, running)
    await target.forget(running)
  }
}

async function waitingIds(target: ComfyuiTarget): Promise<unknown[]> {
  const { queue_pending: items } = shown(await target.json('/queue'))
  return (items as unknown[][]).map(([, id]) => id)
}

async function remove(target: ComfyuiTarget, id: string): Promise<void> {
  await target.post('/queue', { delete: [id] })
}

function shown(queue: unknown): Readonly<Record<string, unknown>> {
  return queue as Readonly<Record<string, unknown>>
}
