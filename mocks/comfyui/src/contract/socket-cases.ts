/** The WebSocket before any prompt: greeting, ids, negotiation, endings, and who hears what (comfyui.md 3). */
import type { Group } from '@squall/twin-kit/conformance/case'
import { check, having, matching, number } from '@squall/twin-kit/conformance/compare'
import { type ComfyuiTarget, freshClientId, requireIdle, smallGraph } from './comfyui-target.ts'
import { framesOf, isEndOf, openSocket } from './contract-socket.ts'

const flags = { type: 'feature_flags', data: { supports_preview_metadata: true } }

/** The group. */
export const socketCases: Group<ComfyuiTarget> = {
  name: 'socket',
  cases: [
    {
      name: 'the first frame is a status with the id',
      run: async ({ connect }) => {
        const id = freshClientId()
        using socket = await connect(id)
        check('frame', socket.frames[0], {
          type: 'status',
          data: { status: { exec_info: { queue_remaining: number } }, sid: id },
        })
      },
    },
    {
      name: 'an id is invented for whoever has none',
      run: async ({ connect }) => {
        using socket = await connect()
        check('frame', socket.frames[0]?.data, having({ sid: matching(/^[0-9a-f]{32}$/) }))
      },
    },
    {
      name: '/api/ws is the same',
      run: async ({ url }) => {
        const id = freshClientId()
        using socket = await openSocket(url, id, '/api/ws')
        check('frame', socket.frames[0]?.data, having({ sid: id }))
      },
    },
    {
      name: 'flags sent first are answered with /features',
      run: async ({ connect, json }) => {
        using socket = await connect(freshClientId())
        socket.send(flags)
        const { data } = await socket.until('feature_flags', ({ type }) => type === 'feature_flags')
        check('frame', data, having((await json('/features')) as Record<string, unknown>))
      },
    },
    {
      name: 'flags sent again are not answered',
      run: async ({ connect }) => {
        using socket = await connect(freshClientId())
        for (const message of [flags, flags]) socket.send(message)
        await socket.until('feature_flags', ({ type }) => type === 'feature_flags')
        await socket.ping()
        check(
          'frames',
          socket.order.filter((type) => type === 'feature_flags'),
          ['feature_flags'],
        )
      },
    },
    {
      name: 'a first message of another kind uses up the chance',
      run: async ({ connect }) => {
        using socket = await connect(freshClientId())
        for (const message of [{ type: 'squall', data: {} }, flags]) socket.send(message)
        await socket.ping()
        check('frames', socket.order.includes('feature_flags'), false)
      },
    },
    {
      name: 'broken JSON does not',
      run: async ({ connect }) => {
        using socket = await connect(freshClientId())
        socket.send('{"type":')
        socket.send(flags)
        await socket.until('feature_flags', ({ type }) => type === 'feature_flags')
      },
    },
    {
      name: 'a close is answered with 1000',
      run: async ({ connect }) => {
        using socket = await connect(freshClientId())
        socket.close(1000)
        check('close code', await socket.closed, 1000)
      },
    },
    {
      name: 'only the submitter hears of a prompt, the others of the queue',
      run: async (target) => {
        await requireIdle(target)
        using other = await target.connect(freshClientId())
        const { id } = await target.runToEnd(smallGraph())
        await other.ping()
        check('frames of the other', framesOf(other, id), [])
        check('kinds', [...new Set(other.order)], ['status'])
        await target.forget(id)
      },
    },
    {
      name: 'whoever is named as the client hears of it',
      run: async (target) => {
        using named = await target.connect(freshClientId())
        const id = await target.submit(smallGraph(), { client_id: named.clientId })
        await named.until('the end', isEndOf(id))
        await target.forget(id)
      },
    },
    {
      name: 'without a client only progress and states go to all',
      run: async (target) => {
        using listener = await target.connect(freshClientId())
        const id = await target.submit(smallGraph())
        await listener.until(
          'a state of node 2',
          ({ type, data }) =>
            type === 'progress_state' &&
            JSON.stringify(data).includes(`"2":{"value":1`) &&
            data['prompt_id'] === id,
        )
        await listener.ping()
        check('kinds', [...new Set(framesOf(listener, id).map(({ type }) => type))], ['progress_state'])
        await target.forget(id)
      },
    },
    {
      name: 'two sockets with one id: when the old one ends, the new one is deaf',
      run: async (target) => {
        const id = freshClientId()
        using old = await target.connect(id)
        using fresh = await target.connect(id)
        old.close(1000)
        await old.closed
        using witness = await target.connect(freshClientId())
        const prompt = await target.submit(smallGraph(), { client_id: id })
        await witness.until('two changes of the queue', () => witness.frames.length > 3)
        await fresh.ping()
        check('frames of the new one', fresh.order.slice(1), [])
        await target.forget(prompt)
      },
    },
  ],
}
