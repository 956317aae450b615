/** The Wan2GP part of `--check`. Gradio has no WebSocket: its heartbeat connection and message stream stand for it. */
import { check, having, matching, number } from '@squall/twin-kit/conformance/compare'
import { type EventReader, openEvents } from '@squall/twin-kit/conformance/event-reader'
import { jsonOf, send } from '@squall/twin-kit/conformance/send'
import { type SelfCheck, withFlags } from '@squall/twin-kit/self-check'
import { type GradioTarget, messagesToEnd, openGradio } from './contract/gradio-target.ts'

const session = 'self-check'

/** The twin's part of the eight steps. */
export const selfCheck: SelfCheck = {
  link: 'SSE heartbeat',
  prepare: withFlags('--time-scale', '0.05'),
  http: async (url) => {
    const config = jsonOf(await send(url, { path: '/config' }))
    check('GET /config', config, having({ protocol: 'sse_v3', app_id: number, version: matching(/^5\./) }))
    return 'GET /config says sse_v3'
  },
  connect: async (url) => {
    const reader = await openEvents(url, { path: `/gradio_api/heartbeat/${session}` })
    const alive = await reader.next()
    check('first event', alive, { event: undefined, data: 'ALIVE' })
    return {
      statusMessage: () => statusMessage(url),
      ended: endOf(reader),
      [Symbol.dispose]: () => reader[Symbol.dispose](),
    }
  },
  leave: async (url) => {
    const target = await open(url)
    const saved = { target: 'state', prompt: 'a lighthouse' }
    check('save_inputs', (await target.run('save_inputs', session, saved)).status, 200)
    const appId = jsonOf(await send(url, { path: '/gradio_api/app_id' }))
    const path = await upload(url)
    return async (after) => {
      check(
        'step 4 after the restart',
        (await target.run('process_prompt_and_add_tasks', session)).status,
        500,
      )
      const now = jsonOf(await send(after, { path: '/gradio_api/app_id' }))
      check('another app id', JSON.stringify(now) === JSON.stringify(appId), false)
      const file = await send(after, { path: `/gradio_api/file=${path}` })
      check(
        'upload after the restart',
        { status: file.status, text: file.text },
        { status: 200, text: 'kept' },
      )
      return 'the session is gone, the app id is new, the upload is there'
    }
  },
}

function open(url: string): Promise<GradioTarget> {
  return openGradio(url, { mayHarm: true })
}

/** The queue's own status message is the place of a call: `estimation`. */
async function statusMessage(url: string): Promise<string> {
  const target = await open(url)
  const id = await target.join('activate_status', session)
  using reader = await target.listen(session)
  const [first, ...rest] = await messagesToEnd(reader)
  check('first message', first, having({ msg: 'estimation', event_id: id, rank: 0, queue_size: 1 }))
  check('last message', rest.at(-1), having({ msg: 'close_stream' }))
  return 'ALIVE, then estimation first and close_stream last'
}

async function endOf(reader: EventReader): Promise<string> {
  for (;;) {
    const event = await reader.next(600_000)
    if (typeof event === 'string') return event
  }
}

async function upload(url: string): Promise<string> {
  const form =
    '--b\r\nContent-Disposition: form-data; name="files"; filename="self-check.txt"\r\n\r\nkept\r\n--b--\r\n'
  const headers = { 'content-type': 'multipart/form-data; boundary=b' }
  const paths = jsonOf(await send(url, { method: 'POST', path: '/gradio_api/upload', headers, body: form }))
  check('upload', paths, [matching(/self-check\.txt$/)])
  return encodeURI((paths as [string])[0])
}
