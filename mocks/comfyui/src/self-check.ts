/** The ComfyUI part of `--check`: a prompt before the restart, whose history goes and whose picture stays. */
import { check, having, number, text } from '@squall/twin-kit/conformance/compare'
import { jsonOf, send } from '@squall/twin-kit/conformance/send'
import { type Link, type SelfCheck, withFlags } from '@squall/twin-kit/self-check'
import { type ContractSocket, isStatus, openSilentSocket } from './contract/contract-socket.ts'
import type { Graph } from './graph.ts'

/** It is sent at once; whoever waits longer waits in vain. */
const statusBudgetMs = 3000

/** The twin's part of the eight steps. */
export const selfCheck: SelfCheck = {
  link: 'WebSocket',
  prepare: withFlags(),
  http: async (url) => {
    const answer = await send(url, { path: '/system_stats' })
    const expected = { status: 200, body: having({ system: having({ comfyui_version: text }) }) }
    check('GET /system_stats', { status: answer.status, body: jsonOf(answer) }, expected)
    return 'GET /system_stats answers'
  },
  connect: async (url) => linkOf(await openSilentSocket(url, 'self-check')),
  leave: async (url) => {
    const id = await makePicture(url)
    return async (after) => {
      const history = jsonOf(await send(after, { path: `/history/${id}` }))
      check('history after the restart', history, {})
      const picture = await send(after, { path: '/view?filename=self-check_00001_.png' })
      check('picture after the restart', picture.status, 200)
      return 'the history is gone, the picture is there'
    }
  },
}

function linkOf(socket: ContractSocket): Link {
  return {
    statusMessage: async () => {
      const status = { status: { exec_info: { queue_remaining: number } }, sid: 'self-check' }
      await socket.until('a status', isStatus, statusBudgetMs)
      check('first frame', socket.frames[0], { type: 'status', data: status })
      await socket.ping()
      return 'status with queue length and sid; a ping is answered'
    },
    ended: socket.closed.then((code) => `closed with ${code}`),
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  }
}

async function makePicture(url: string): Promise<string> {
  const prompt: Graph = {
    1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 1 } },
    2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'self-check' } },
  }
  const answer = jsonOf(await send(url, { method: 'POST', path: '/prompt', json: { prompt } }))
  check('POST /prompt', answer, having({ prompt_id: text }))
  const id = String((answer as { prompt_id: unknown }).prompt_id)
  // The budget of the step ends this.
  for (;;) {
    const history = jsonOf(await send(url, { path: `/history/${id}` })) as Readonly<Record<string, unknown>>
    if (history[id] !== undefined) return id
  }
}
