/** The message stream of the queue, message by message and field by field (wan2gp.md 6.4), and its shortcuts (6.5). */
import type { Group } from '@squall/twin-kit/conformance/case'
import {
  anything,
  check,
  having,
  matching,
  number,
  oneOf,
  Rule,
  text,
} from '@squall/twin-kit/conformance/compare'
import { type EventReader, openEvents, readUntil } from '@squall/twin-kit/conformance/event-reader'
import { jsonOf } from '@squall/twin-kit/conformance/send'
import { freshSession, type GradioTarget, messageOf, messagesToEnd } from './gradio-target.ts'

/** Seconds; null until the function has run once. */
const eta = new Rule('a number or null', (value) => value === null || typeof value === 'number')

const closeStream = { msg: 'close_stream', event_id: null }

/** What the server says about one plain call, from its place in the queue to its end. */
function plainCall(id: string, completed: unknown): unknown[] {
  return [
    { msg: 'estimation', event_id: id, rank: 0, queue_size: 1, rank_eta: eta },
    { msg: 'process_starts', event_id: id, eta },
    completed,
    closeStream,
  ]
}

function completedWith(id: string, data: unknown): unknown {
  return {
    msg: 'process_completed',
    event_id: id,
    output: {
      data,
      is_generating: false,
      duration: number,
      average_duration: number,
      render_config: null,
      changed_state_ids: anything,
    },
    success: true,
    title: null,
  }
}

const refreshPage = {
  error: matching(/[Rr]efresh the page/),
  duration: oneOf(0, 10),
  visible: true,
  title: 'Error',
}

/** The group. */
export const streamCases: Group<GradioTarget> = {
  name: 'stream',
  cases: [
    {
      name: 'a plain call: place, start, end, close; then the server ends the stream',
      needs: ['chain'],
      run: async (target) => {
        const session = freshSession()
        const data = target.dataFor('validate_wizard_prompt', { prompt: 'a lighthouse' })
        const id = await target.join('validate_wizard_prompt', session, data)
        using reader = await target.listen(session)
        check('type', reader.contentType, matching(/^text\/event-stream/))
        check('messages', await messagesToEnd(reader), plainCall(id, completedWith(id, ['a lighthouse'])))
      },
    },
    {
      name: 'an error for the user: text, title, duration',
      needs: ['chain'],
      run: async (target) => {
        const session = freshSession()
        const id = await target.join('process_prompt_and_add_tasks', session)
        using reader = await target.listen(session)
        const failed = {
          msg: 'process_completed',
          event_id: id,
          output: refreshPage,
          success: false,
          title: 'Error',
        }
        check('messages', await messagesToEnd(reader), plainCall(id, failed))
      },
    },
    {
      name: 'any other exception: no text',
      needs: ['chain'],
      run: async (target) => {
        const session = freshSession()
        const id = await target.join('process_prompt_and_add_tasks', session, [null])
        using reader = await target.listen(session)
        const failed = {
          msg: 'process_completed',
          event_id: id,
          output: { error: null },
          success: false,
          title: 'Error',
        }
        check('messages', await messagesToEnd(reader), plainCall(id, failed))
      },
    },
    {
      name: 'several calls share one stream, which closes after the last',
      needs: ['chain'],
      run: async (target) => {
        const session = freshSession()
        const ids = [
          await target.join('init_generate', session),
          await target.join('activate_status', session),
        ]
        using reader = await target.listen(session)
        const messages = await messagesToEnd(reader)
        const completed = messages
          .filter(({ msg }) => msg === 'process_completed')
          .map(({ event_id: id }) => id)
        check('completed', completed.toSorted(byText), ids.toSorted(byText))
        check('closed', messages.filter(({ msg }) => msg === 'close_stream').length, 1)
        check('last', messages.at(-1)?.msg, 'close_stream')
      },
    },
    {
      name: 'an unknown session: one message, then the connection breaks',
      run: async (target) => {
        using reader = await target.listen(freshSession())
        check('status', reader.status, 200)
        const event = await reader.next()
        check('message', typeof event === 'string' ? event : messageOf(event), {
          msg: 'unexpected_error',
          event_id: null,
          message: '404: Session not found.',
          success: false,
        })
        check('then', await reader.next(), 'broken')
      },
    },
    {
      name: 'call: the simple protocol gives the result alone',
      needs: ['chain'],
      run: async (target) => {
        const data = target.dataFor('validate_wizard_prompt', { prompt: 'a gale' })
        using reader = await openCall(target, 'validate_wizard_prompt', data)
        const events = await readUntil(reader, ({ event }) => event === 'complete' || event === 'error')
        check('events', events, [{ event: 'complete', data: '["a gale"]' }])
      },
    },
    {
      name: 'call: the text of an error is dropped',
      needs: ['chain'],
      run: async (target) => {
        const data = target.dataFor('process_prompt_and_add_tasks')
        using reader = await openCall(target, 'process_prompt_and_add_tasks', data)
        const events = await readUntil(reader, ({ event }) => event === 'complete' || event === 'error')
        check('events', events, [{ event: 'error', data: 'null' }])
      },
    },
    {
      name: 'run: past the queue, the output alone; `/api` is the same',
      needs: ['chain'],
      run: async (target) => {
        const body = {
          data: target.dataFor('validate_wizard_prompt', { prompt: 'x' }),
          session_hash: freshSession(),
        }
        const { api_name: name } = target.named('validate_wizard_prompt')
        for (const path of [`/gradio_api/run/${name}`, `/gradio_api/api/${name}`]) {
          const answer = await target.post(path, body)
          check(
            path,
            { status: answer.status, body: jsonOf(answer) },
            {
              status: 200,
              body: having({ data: ['x'], is_generating: false, duration: number, average_duration: number }),
            },
          )
        }
      },
    },
    {
      name: 'run: an error for the user is a 500 with the same fields',
      needs: ['chain'],
      run: async (target) => {
        const answer = await target.run('process_prompt_and_add_tasks', freshSession())
        check(
          'run',
          { status: answer.status, body: jsonOf(answer) },
          { status: 500, body: having({ error: text }) },
        )
        check('body', jsonOf(answer), refreshPage)
      },
    },
    {
      name: 'sessions do not share what a step has saved',
      needs: ['chain', 'harm'],
      run: async (target) => {
        const [mine, other] = [freshSession(), freshSession()]
        check('saved', (await target.run('save_inputs', mine, form)).status, 200)
        check('mine', (await target.run('process_prompt_and_add_tasks', mine)).status, 200)
        check('other', (await target.run('process_prompt_and_add_tasks', other)).status, 500)
      },
    },
  ],
}

const form = { target: 'state', prompt: 'a lighthouse', seed: 1, num_inference_steps: 3 }

async function openCall(
  target: GradioTarget,
  base: 'validate_wizard_prompt' | 'process_prompt_and_add_tasks',
  data: unknown[],
): Promise<EventReader> {
  const path = `/gradio_api/call/${target.named(base).api_name}`
  const body = jsonOf(await target.post(path, { data }))
  check('POST', body, { event_id: matching(/^[0-9a-f]{32}$/) })
  return openEvents(target.url, { path: `${path}/${(body as { event_id: string }).event_id}` })
}

function byText(one: string | null, other: string | null): number {
  return String(one) < String(other) ? -1 : 1
}
