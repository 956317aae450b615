/** Workflows with the server's first checkpoint: files, progress, previews of both kinds (comfyui.md 3.3, 3.4). */
import type { Group } from '@squall/twin-kit/conformance/case'
import { check, matching } from '@squall/twin-kit/conformance/compare'
import { type ComfyuiTarget, freshClientId, modelGraph } from './comfyui-target.ts'
import { type BinaryFrame, type ContractSocket, isEndOf } from './contract-socket.ts'

/** A cold load of a large model takes minutes. */
const budgetMs = 300_000
const needs = ['checkpoint']
const wishes = { extra_data: { preview_method: 'latent2rgb' } }

/** The group. */
export const modelCases: Group<ComfyuiTarget> = {
  name: 'model',
  cases: [
    {
      name: 'text to image: every node, first and last tick, a PNG that holds its workflow',
      needs,
      budgetMs,
      run: async (target) => {
        const { id, socket } = await follow(target)
        const executing = socket.frames.flatMap(({ type, data }) =>
          type === 'executing' ? [data['node']] : [],
        )
        check('executing', new Set(executing.slice(0, -1)).size, 7)
        const ticks = socket.frames.filter(({ type }) => type === 'progress')
        const tick = (value: number): unknown => ({ value, max: 3, prompt_id: id, node: '3' })
        check('first tick', ticks[0]?.data, tick(1))
        check('last tick', ticks.at(-1)?.data, tick(3))
        const output = socket.frames.find(({ type }) => type === 'executed')?.data['output']
        const [file] = (output as { images: { filename: string }[] }).images
        const { bytes } = await target.send({ path: `/view?filename=${file?.filename}&type=temp` })
        check('picture', bytes.toString('latin1'), matching(/^\x89PNG\r\n\x1a\n[^]*tEXtprompt\0\{"3": /))
        await target.forget(id)
      },
    },
    {
      name: 'previews with metadata for a client that knows them: type 4 before the tick',
      needs,
      budgetMs,
      run: async (target) => {
        const { id, socket } = await follow(target, { supports_preview_metadata: true })
        check('types', [...new Set(socket.binaries.map(({ binary }) => binary))], [4])
        check('metadata', metadataOf(socket.binaries[0]), {
          node_id: '3',
          prompt_id: id,
          display_node_id: '3',
          parent_node_id: null,
          real_node_id: '3',
          image_type: matching(/^image\/(jpeg|png)$/),
        })
        const at = socket.order.indexOf('binary4')
        check('around it', socket.order.slice(at - 1, at + 2), ['progress_state', 'binary4', 'progress'])
        await target.forget(id)
      },
    },
    {
      name: 'bare previews for all others: type 1 after the tick',
      needs,
      budgetMs,
      run: async (target) => {
        const { id, socket } = await follow(target)
        check('types', [...new Set(socket.binaries.map(({ binary }) => binary))], [1])
        const rest = socket.binaries[0]?.rest ?? Buffer.alloc(8)
        check(
          'image',
          { kind: rest.readUInt32BE(0), magic: rest.toString('hex', 4, 6) },
          { kind: 1, magic: 'ffd8' },
        )
        const at = socket.order.indexOf('binary1')
        check('around it', socket.order.slice(at - 2, at), ['progress_state', 'progress'])
        await target.forget(id)
      },
    },
  ],
}

async function follow(
  target: ComfyuiTarget,
  flags?: Readonly<Record<string, unknown>>,
): Promise<{ readonly id: string; readonly socket: ContractSocket }> {
  using socket = await target.connect(freshClientId())
  if (flags !== undefined) {
    socket.send({ type: 'feature_flags', data: flags })
    await socket.until('feature_flags', ({ type }) => type === 'feature_flags')
  }
  const graph = modelGraph(target.checkpoint, { steps: 3 })
  const id = await target.submit(graph, { client_id: socket.clientId, ...wishes })
  await socket.until('the end of the prompt', isEndOf(id), budgetMs)
  check('success', socket.order.includes('execution_success'), true)
  return { id, socket }
}

function metadataOf(frame: BinaryFrame | undefined): unknown {
  const rest = frame?.rest ?? Buffer.alloc(4)
  return JSON.parse(rest.toString('utf8', 4, 4 + rest.readUInt32BE(0)))
}
