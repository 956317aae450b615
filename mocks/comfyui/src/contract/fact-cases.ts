/** What the server says about itself: nodes, models, features, machine, settings, user files. */
import type { Case, Group } from '@squall/twin-kit/conformance/case'
import {
  anything,
  check,
  having,
  including,
  listOf,
  matching,
  number,
  object,
  text,
  truth,
} from '@squall/twin-kit/conformance/compare'
import { jsonOf } from '@squall/twin-kit/conformance/send'
import type { ComfyuiTarget } from './comfyui-target.ts'

type Row = readonly [name: string, path: string, status: number, body: unknown, ...needs: string[]]

const device = having({
  name: text,
  type: text,
  vram_total: number,
  vram_free: number,
  torch_vram_total: number,
  torch_vram_free: number,
})

const system = having({
  os: text,
  ram_total: number,
  ram_free: number,
  comfyui_version: text,
  python_version: text,
  pytorch_version: text,
  embedded_python: truth,
  argv: listOf(text),
})

/** Facts of a node that every release has; limits as recorded in object_info-core-facts.json. */
const emptyImage = having({
  name: 'EmptyImage',
  output: ['IMAGE'],
  output_is_list: [false],
  output_node: false,
  input_order: { required: ['width', 'height', 'batch_size', 'color'] },
  input: having({
    required: having({
      width: ['INT', having({ default: 512, min: 1, max: 16_384 })],
      color: ['INT', having({ default: 0, min: 0, max: 0xffffff })],
    }),
  }),
})

const rows: readonly Row[] = [
  ['queue length', '/prompt', 200, { exec_info: { queue_remaining: number } }],
  ['queue', '/queue', 200, { queue_running: anything, queue_pending: anything }],
  ['one node', '/object_info/EmptyImage', 200, { EmptyImage: emptyImage }],
  ['an unknown node is no error', '/object_info/SquallNoSuchNode', 200, {}],
  [
    'output nodes say so',
    '/object_info/PreviewImage',
    200,
    having({ PreviewImage: having({ output_node: true }) }),
  ],
  ['machine', '/system_stats', 200, having({ system, devices: listOf(device) })],
  ['features', '/features', 200, having({ supports_preview_metadata: true, max_upload_size: number })],
  ['model folders', '/models', 200, including('checkpoints')],
  ['an unknown model folder', '/models/squall-nowhere', 404, anything],
  ['embeddings', '/embeddings', 200, listOf(text)],
  ['extensions', '/extensions', 200, listOf(matching(/^\/extensions\/.+\.js$/))],
  [
    'experimental model folders',
    '/experiment/models',
    200,
    including(having({ name: 'checkpoints', folders: listOf(text) })),
  ],
  [
    'metadata of a file that is not there',
    '/view_metadata/checkpoints?filename=squall-nowhere.safetensors',
    404,
    anything,
  ],
  ['users', '/users', 200, having({ storage: 'server' })],
  ['settings', '/settings', 200, object],
  ['an unknown setting is null', '/settings/Squall.Nothing', 200, null],
  ['user files without a folder', '/userdata', 400, anything],
  ['user files of a folder that is not there', '/userdata?dir=squall-nowhere', 404, anything],
  ['user files outside', '/userdata?dir=..%2F..', 403, anything],
  ['an unknown user file', '/userdata/squall-nowhere.json', 404, anything],
  ['tree of user files', '/v2/userdata', 200, listOf(having({ name: text, path: text, type: text }))],
  ['log', '/internal/logs', 200, text],
  ['raw log', '/internal/logs/raw', 200, { entries: listOf({ t: text, m: text }), size: anything }],
  ['folders', '/internal/folder_paths', 200, having({ checkpoints: anything })],
  ['files of a folder', '/internal/files/temp', 200, listOf(matching(/ \[temp\]$/))],
  ['files of no folder', '/internal/files/squall', 400, { error: 'Invalid directory type' }],
  [
    'assets are off',
    '/api/assets?limit=1',
    503,
    having({ error: having({ code: 'SERVICE_DISABLED' }) }),
    'no-assets',
  ],
  ['translations', '/i18n', 200, object],
  ['templates', '/workflow_templates', 200, object],
]

/** Written, read, kept from being overwritten, moved and removed: nothing is left. */
const userFile: Case<ComfyuiTarget> = {
  name: 'a user file lives and goes',
  run: async ({ send }) => {
    const path = '/userdata/squall-conformance.json'
    const put = (query: string, body: string) => send({ method: 'POST', path: path + query, body })
    check('first', having200(await put('', '{"a":1}')), { status: 200, body: 'squall-conformance.json' })
    const again = await put('?overwrite=false', '{"a":2}')
    check('kept', { status: again.status, text: again.text }, having({ status: 409 }))
    const read = await send({ path })
    check('read', { status: read.status, text: read.text }, { status: 200, text: '{"a":1}' })
    const moved = await send({ method: 'POST', path: `${path}/move/squall-moved.json` })
    check('moved', having200(moved), { status: 200, body: 'squall-moved.json' })
    const removed = await send({ method: 'DELETE', path: '/userdata/squall-moved.json' })
    check('removed', removed.status, 204)
    check('gone', (await send({ method: 'DELETE', path: '/userdata/squall-moved.json' })).status, 404)
  },
}

const setting: Case<ComfyuiTarget> = {
  name: 'a setting is kept',
  needs: ['harm'],
  run: async ({ post, json }) => {
    const { status, text: body } = await post('/settings/Squall.Conformance', { depth: [1] })
    check('POST', { status, body }, { status: 200, body: '' })
    check('GET one', await json('/settings/Squall.Conformance'), { depth: [1] })
    check('GET all', await json('/settings'), having({ 'Squall.Conformance': { depth: [1] } }))
  },
}

/** The group. */
export const factCases: Group<ComfyuiTarget> = {
  name: 'facts',
  cases: [
    ...rows.map(
      ([name, path, status, body, ...needs]): Case<ComfyuiTarget> => ({
        name,
        needs,
        run: async ({ send }) => {
          const answer = await send({ path })
          const got = body === anything ? body : jsonOf(answer)
          check(`GET ${path}`, { status: answer.status, body: got }, { status, body })
        },
      }),
    ),
    {
      name: 'the models of a folder are the choices of its loader',
      needs: ['checkpoint'],
      run: async ({ json, checkpoint }) => {
        check('GET /models/checkpoints', await json('/models/checkpoints'), including(checkpoint))
      },
    },
    userFile,
    setting,
  ],
}

function having200(answer: Parameters<typeof jsonOf>[0]): {
  readonly status: number
  readonly body: unknown
} {
  return { status: answer.status, body: jsonOf(answer) }
}
