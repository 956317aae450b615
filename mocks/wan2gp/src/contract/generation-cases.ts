/** A generation from form to file (wan2gp.md 3.2, 4), the one GPU slot, cancelling, and a restart. Makes videos. */
import type { Case, Group } from '@squall/twin-kit/conformance/case'
import {
  anything,
  check,
  having,
  listOf,
  matching,
  number,
  Rule,
  text,
} from '@squall/twin-kit/conformance/compare'
import { type EventReader, readUntil } from '@squall/twin-kit/conformance/event-reader'
import { jsonOf } from '@squall/twin-kit/conformance/send'
import { freshSession, type GradioTarget, type Message, messageOf, messagesToEnd } from './gradio-target.ts'

/** A cold model takes minutes on a real machine. */
const budgetMs = 900_000
const quietMs = 300_000
const needs = ['chain', 'harm']

const stamp = matching(/^\d{10}(\.\d+)?$/)
const update = { __type__: 'update' }

/** A stamp, or no change. */
const trigger = new Rule('a timestamp or an update', (value) =>
  typeof value === 'string' ? stamp.accepts(value) : JSON.stringify(value) === JSON.stringify(update),
)

/** Edits of a diff: nothing, or the whole value replaced. */
const edits = listOf(oneEdit())

function oneEdit(): Rule {
  return new Rule('an edit', (edit) => Array.isArray(edit) && edit.length === 3 && edit[0] === 'replace')
}

const cases: readonly Case<GradioTarget>[] = [
  {
    name: 'a generator: full values, then edits, then full values again',
    needs,
    budgetMs,
    run: async (target) => {
      const session = await prepared(target, 3)
      const id = await target.join('process_tasks', session)
      using reader = await target.listen(session)
      const messages = await messagesToEnd(reader, quietMs)
      const ofCall = messages.filter((message) => message.event_id === id)
      const kinds = ofCall.map(({ msg }) => msg)
      check(
        'kinds',
        [kinds[0], kinds[1], kinds[2], kinds.at(-1)],
        ['estimation', 'process_starts', 'process_generating', 'process_completed'],
      )
      const yields = ofCall.filter(({ msg }) => msg === 'process_generating')
      check('first yield', yields[0], { ...generating(id), output: output([stamp, stamp, trigger], true) })
      for (const later of yields.slice(1)) {
        check('later yield', later, { ...generating(id), output: output([edits, edits, edits], true) })
      }
      check('end', ofCall.at(-1), having({ success: true, output: output([stamp, stamp, trigger], false) }))
    },
  },
  {
    name: 'progress comes on the second call, with steps',
    needs,
    budgetMs,
    run: async (target) => {
      const session = await prepared(target, 30)
      const status = await target.join('refresh_status_async', session)
      const tasks = await target.join('process_tasks', session)
      using reader = await target.listen(session)
      const messages = await messagesToEnd(reader, quietMs)
      const progress = messages.filter(({ msg }) => msg === 'progress')
      check('calls with progress', [...new Set(progress.map(({ event_id: id }) => id))], [status])
      const shape = { index: anything, length: anything, unit: 'steps', progress: anything, desc: text }
      check('progress', progress[0], { msg: 'progress', event_id: status, progress_data: [shape] })
      const known = progress
        .flatMap((message) => unitsOf(message))
        .find(({ index }) => typeof index === 'number')
      check('with steps', known, { ...shape, index: number, length: 30 })
      check(
        'both end',
        [status, tasks].map((id) => completedIds(messages).has(id)),
        [true, true],
      )
    },
  },
  {
    name: 'the newest file of the gallery is a video, whole and in part',
    needs,
    budgetMs,
    run: async (target) => {
      const session = await prepared(target, 2)
      await target.join('process_tasks', session)
      using reader = await target.listen(session)
      await messagesToEnd(reader, quietMs)
      const { data } = jsonOf(await target.run('finalize_generation', session)) as { data: unknown[] }
      const file = newestFile(data)
      check('file', file, {
        path: matching(/\/[0-9a-f]{64}\/[^/]+\.mp4$/),
        url: matching(/^https?:\/\/.*\/gradio_api\/file=.*\.mp4$/),
        size: null,
        orig_name: matching(/\.mp4$/),
        mime_type: 'video/mp4',
        is_stream: false,
        meta: { _type: 'gradio.FileData' },
      })
      const path = `/gradio_api/file=${encodeURI((file as { path: string }).path)}`
      const whole = await target.send({ path })
      check(
        'whole',
        { status: whole.status, type: whole.headers['content-type'] },
        { status: 200, type: 'video/mp4' },
      )
      check('first box', whole.bytes.toString('latin1', 4, 8), 'ftyp')
      const part = await target.send({ path, headers: { range: 'bytes=4-7' } })
      check('part', { status: part.status, text: part.text }, { status: 206, text: 'ftyp' })
    },
  },
  {
    name: 'one slot for all sessions: the second is told its place and waits',
    needs,
    budgetMs,
    run: async (target) => {
      const [first, second] = [await prepared(target, 30), await prepared(target, 1)]
      await target.join('process_tasks', first)
      using running = await target.listen(first)
      await readUntil(running, (event) => messageOf(event).msg === 'process_generating', quietMs)
      const id = await target.join('process_tasks', second)
      using waiting = await target.listen(second)
      const place = await waiting.next()
      check(
        'place',
        typeof place === 'string' ? place : messageOf(place),
        having({ msg: 'estimation', event_id: id, rank: 0, queue_size: 1 }),
      )
      await messagesToEnd(running, quietMs)
      const rest = await messagesToEnd(waiting, quietMs)
      check(
        'then',
        [rest.some(({ msg }) => msg === 'process_starts'), rest.at(-1)?.msg],
        [true, 'close_stream'],
      )
    },
  },
  {
    name: 'a session that hangs up loses its place',
    needs,
    budgetMs,
    run: async (target) => {
      const [first, second, third] = [await prepared(target, 60), freshSession(), freshSession()]
      await target.join('process_tasks', first)
      using running = await target.listen(first)
      await readUntil(running, (event) => messageOf(event).msg === 'process_generating', quietMs)
      const waiting = await waitInLine(target, second)
      waiting[Symbol.dispose]()
      // The server looks for lost readers now and then; the budget of the case ends this.
      while ((await waitingCount(target)) > 0);
      using next = await waitInLine(target, third, { rank: 0, queue_size: 1 })
      await messagesToEnd(running, quietMs)
      check('end of the third', (await messagesToEnd(next, quietMs)).at(-1)?.msg, 'close_stream')
    },
  },
  {
    name: 'cancel: the call ends at once, as a success without an output',
    needs,
    budgetMs,
    run: async (target) => {
      const session = await prepared(target, 40)
      const id = await target.join('process_tasks', session)
      using reader = await target.listen(session)
      await readUntil(reader, (event) => messageOf(event).msg === 'process_generating', quietMs)
      const fnIndex = target.named('process_tasks').id
      const answer = await target.post('/gradio_api/cancel', {
        session_hash: session,
        fn_index: fnIndex,
        event_id: id,
      })
      check('cancel', jsonOf(answer), { success: true })
      const end = (await messagesToEnd(reader, quietMs)).find(({ msg }) => msg === 'process_completed')
      check('end', end, having({ event_id: id, output: {}, success: true }))
    },
  },
  {
    name: 'a restart forgets sessions and has another app id',
    needs: [...needs, 'restart'],
    budgetMs: 60_000,
    run: async (target) => {
      const session = freshSession()
      await target.run('save_inputs', session, { target: 'state', prompt: 'x' })
      const before = await target.json('/gradio_api/app_id')
      await target.restart()
      check(
        'app id',
        JSON.stringify(await target.json('/gradio_api/app_id')) === JSON.stringify(before),
        false,
      )
      check('step 4', (await target.run('process_prompt_and_add_tasks', session)).status, 500)
    },
  },
]

/** The group. */
export const generationCases: Group<GradioTarget> = { name: 'generation', cases }

/** Joins behind a running call and reads the place. */
async function waitInLine(target: GradioTarget, session: string, place: object = {}): Promise<EventReader> {
  const id = await target.join('process_tasks', session)
  const reader = await target.listen(session)
  const event = await reader.next()
  const message = typeof event === 'string' ? event : messageOf(event)
  check('place', message, having({ msg: 'estimation', event_id: id, ...place }))
  return reader
}

async function waitingCount(target: GradioTarget): Promise<number> {
  const status = await target.json('/gradio_api/queue/status')
  check('GET /queue/status', status, having({ queue_size: number }))
  return (status as { queue_size: number }).queue_size
}

/** A session that has gone through steps 1 to 6. */
async function prepared(target: GradioTarget, steps: number): Promise<string> {
  const session = freshSession()
  const form = {
    target: 'state',
    prompt: `a lighthouse, ${session}`,
    resolution: '128x80',
    video_length: 8,
    seed: 7,
    num_inference_steps: steps,
  }
  const chain = [
    ['init_generate', {}],
    ['validate_wizard_prompt', { prompt: form.prompt }],
    ['save_inputs', form],
    ['process_prompt_and_add_tasks', {}],
    ['prepare_generate_media', {}],
    ['activate_status', {}],
  ] as const
  for (const [base, values] of chain) {
    const answer = await target.run(base, session, values)
    check(base, { status: answer.status, text: answer.text }, having({ status: 200 }))
  }
  return session
}

function generating(id: string): Readonly<Record<string, unknown>> {
  return { msg: 'process_generating', event_id: id, success: true, time_limit: null }
}

function output(data: unknown, isGenerating: boolean): unknown {
  return {
    data,
    is_generating: isGenerating,
    duration: number,
    average_duration: number,
    render_config: null,
    changed_state_ids: anything,
  }
}

function unitsOf({ progress_data: units }: Message): readonly Readonly<Record<string, unknown>>[] {
  return units as readonly Readonly<Record<string, unknown>>[]
}

function completedIds(messages: readonly Message[]): Set<string | null> {
  return new Set(messages.filter(({ msg }) => msg === 'process_completed').map(({ event_id: id }) => id))
}

/** The gallery is a property update or a bare list, somewhere among the values. */
function newestFile(data: readonly unknown[]): unknown {
  const lists = data.flatMap((value) => {
    const list = Array.isArray(value) ? value : (value as { value?: unknown } | null)?.value
    return Array.isArray(list) ? [list as { video?: unknown }[]] : []
  })
  return lists.findLast((list) => list.some(({ video }) => video !== undefined))?.at(-1)?.video
}
