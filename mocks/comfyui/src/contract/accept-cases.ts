/** What `POST /prompt` accepts, and what becomes of it: values written back, ids, numbers, partial runs, secrets. */
import { randomUUID } from 'node:crypto'
import type { Group } from '@squall/twin-kit/conformance/case'
import { check, having, matching, number } from '@squall/twin-kit/conformance/compare'
import { jsonOf } from '@squall/twin-kit/conformance/send'
import { type ComfyuiTarget, freshColor, smallGraph } from './comfyui-target.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The group. */
export const acceptCases: Group<ComfyuiTarget> = {
  name: 'accepted',
  cases: [
    {
      name: 'the answer has an id, a number and no errors',
      run: async (target) => {
        const answer = await target.post('/prompt', { prompt: smallGraph() })
        const body = jsonOf(answer) as Record<string, unknown>
        check(
          'POST /prompt',
          { status: answer.status, body },
          { status: 200, body: { prompt_id: matching(uuid), number, node_errors: {} } },
        )
        await endOf(target, String(body['prompt_id']))
      },
    },
    {
      name: 'the id may be chosen, null leaves it to the server',
      run: async (target) => {
        const mine = randomUUID()
        check('prompt_id', await target.submit(smallGraph(), { prompt_id: mine }), mine)
        const theirs = await target.submit(smallGraph(), { prompt_id: null })
        check('prompt_id', theirs, matching(uuid))
        await endOf(target, mine, theirs)
      },
    },
    {
      name: 'values are converted and written back',
      run: async (target) => {
        const graph = smallGraph()
        const inputs = { ...graph['1']?.inputs, width: '64', height: 64.9 }
        const { id } = await target.runToEnd({ ...graph, 1: { class_type: 'EmptyImage', inputs } })
        const [, , prompt] = await itemOf(target, id)
        check('inputs', (prompt as typeof graph)['1']?.inputs, having({ width: 64, height: 64 }))
        await target.forget(id)
      },
    },
    {
      name: 'an output that cannot run is dropped, the rest runs',
      run: async (target) => {
        const graph = { ...smallGraph(), 9: { class_type: 'PreviewImage', inputs: {} } }
        const answer = await target.post('/prompt', { prompt: graph })
        const body = jsonOf(answer) as Record<string, unknown>
        check(
          'POST /prompt',
          { status: answer.status, body },
          {
            status: 200,
            body: having({
              node_errors: having({ 9: having({ dependent_outputs: ['9'], class_type: 'PreviewImage' }) }),
            }),
          },
        )
        const id = String(body['prompt_id'])
        const entry = await historyOnceThere(target, id)
        check('history', entry, having({ outputs: { 2: having({}) } }))
        await target.forget(id)
      },
    },
    {
      name: 'only the wanted outputs run',
      run: async (target) => {
        const graph = { ...smallGraph(), 3: { class_type: 'PreviewImage', inputs: { images: ['1', 0] } } }
        const { id } = await target.runToEnd(graph, { partial_execution_targets: ['3'] })
        const entry = await historyOnceThere(target, id)
        check('outputs', Object.keys(entry['outputs'] as object), ['3'])
        await target.forget(id)
      },
    },
    {
      name: 'unknown members and inputs are ignored',
      run: async (target) => {
        const graph = smallGraph()
        const inputs = { ...graph['1']?.inputs, squall: 1 }
        const { id } = await target.runToEnd(
          { ...graph, 1: { class_type: 'EmptyImage', inputs } },
          { squall: true },
        )
        await target.forget(id)
      },
    },
    {
      name: 'the history keeps who asked and when, and no secret',
      run: async (target) => {
        const extra = { extra_pnginfo: { workflow: { id: 'squall' } }, api_key_comfy_org: 'not-a-key' }
        const { id, socket } = await target.runToEnd(smallGraph(), { extra_data: extra })
        const [, shownId, , data, outputs, ...rest] = await itemOf(target, id)
        check('item', { shownId, outputs, rest }, { shownId: id, outputs: ['2'], rest: [] })
        check('extra_data', data, {
          client_id: socket.clientId,
          create_time: number,
          extra_pnginfo: { workflow: { id: 'squall' } },
        })
        await target.forget(id)
      },
    },
    {
      name: 'a number may be given, as a text too',
      run: async (target) => {
        const given = await target.post('/prompt', { prompt: smallGraph(freshColor()), number: '0.5' })
        check('POST /prompt', jsonOf(given), having({ number: 0.5 }))
        const spelled = await target.post('/prompt', { prompt: smallGraph(freshColor()), number: 3 })
        check('POST /prompt', spelled.text, matching(/"number": 3\.0,/))
        const ids = [given, spelled].map((answer) =>
          String((jsonOf(answer) as Record<string, unknown>)['prompt_id']),
        )
        await endOf(target, ...ids)
      },
    },
  ],
}

/** The queue item of a finished prompt. */
async function itemOf(target: ComfyuiTarget, id: string): Promise<unknown[]> {
  return (await historyOnceThere(target, id))['prompt'] as unknown[]
}

/** Waits for prompts nobody follows, then removes them. */
async function endOf(target: ComfyuiTarget, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) await historyOnceThere(target, id)
  await target.forget(...ids)
}

/** The history entry, asked for until it is there. The case's own budget ends it. */
export async function historyOnceThere(
  { json }: ComfyuiTarget,
  id: string,
): Promise<Readonly<Record<string, unknown>>> {
  for (;;) {
    const entry = ((await json(`/history/${id}`)) as Record<string, unknown>)[id]
    if (entry !== undefined) return entry as Readonly<Record<string, unknown>>
  }
}
