/**
 * What `POST /prompt` refuses, and in which words (comfyui.md 2.2, golden 05). A refused prompt leaves nothing
 * behind, so these run on anybody's server.
 */
import type { Case, Group } from '@squall/twin-kit/conformance/case'
import { anything, check, having, including, matching, object } from '@squall/twin-kit/conformance/compare'
import { jsonOf } from '@squall/twin-kit/conformance/send'
import type { ComfyuiTarget } from './comfyui-target.ts'
import { crashed } from './http-cases.ts'

type Row = readonly [name: string, body: unknown, expected: unknown]

const image = { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 1 } }
const preview = { class_type: 'PreviewImage', inputs: { images: ['1', 0] } }

/** A prompt whose node 1 is `node`, with an output behind it. */
const behind = (node: unknown): unknown => ({ prompt: { 1: node, 2: preview } })
const emptyImage = (inputs: object): unknown => behind({ ...image, inputs: { ...image.inputs, ...inputs } })
const withImages = (images: unknown): unknown => ({
  prompt: { 1: image, 2: { ...preview, inputs: { images } } },
})

const whole = (type: string, message: string, details: unknown, extra: unknown = {}): unknown => ({
  error: { type, message, details, extra_info: extra },
  node_errors: {},
})

const noPrompt = whole('no_prompt', 'No prompt provided', 'No prompt provided')
const noOutputs = whole('prompt_no_outputs', 'Prompt has no outputs', '')
const badId = whole('invalid_prompt_id', 'prompt_id must be a valid UUID', matching(/canonical lowercase/))

/** The fault is in node 1, so the outputs themselves have nothing to say: `details` is empty. */
const upstream = (className: string, error: unknown): unknown => failed('', '1', className, error)
const output = (details: unknown, error: unknown): unknown => failed(details, '2', 'PreviewImage', error)

function failed(details: unknown, node: string, className: string, error: unknown): unknown {
  return {
    error: {
      type: 'prompt_outputs_failed_validation',
      message: 'Prompt outputs failed validation',
      details,
      extra_info: {},
    },
    node_errors: having({
      [node]: { errors: including(error), dependent_outputs: ['2'], class_type: className },
    }),
  }
}

const about = (type: string, message: string, details: unknown, extra: unknown = object): unknown => ({
  type,
  message,
  details,
  extra_info: extra,
})

const intFailure = (details: RegExp, received: unknown): unknown =>
  about(
    'invalid_input_type',
    'Failed to convert an input value to a INT value',
    matching(details),
    having({ input_name: 'width', received_value: received, exception_message: anything }),
  )

const missingType = (message: string, classType: string | null, title: string | null): unknown =>
  whole('missing_node_type', message, "Node ID '#1'", {
    node_id: '1',
    class_type: classType,
    node_title: title,
  })

const uuid = '6f6e7c1e-1111-4222-8333-444455556666'

const wholePrompt: readonly Row[] = [
  ['no prompt', {}, noPrompt],
  ['a list', [], noPrompt],
  ['an empty prompt', { prompt: {} }, noOutputs],
  ['no output node', { prompt: { 1: image } }, noOutputs],
  ['no such target', { prompt: { 1: image, 2: preview }, partial_execution_targets: ['9'] }, noOutputs],
  ['no targets at all', { prompt: { 1: image, 2: preview }, partial_execution_targets: [] }, noOutputs],
  ['a prompt id that is no UUID', { prompt: { 1: image, 2: preview }, prompt_id: 'my-id' }, badId],
  ['a prompt id in capitals', { prompt: { 1: image, 2: preview }, prompt_id: uuid.toUpperCase() }, badId],
  [
    'a node without a class',
    behind({ inputs: {} }),
    missingType(
      "Node 'ID #1' has no class_type. The workflow may be corrupted or a custom node is missing.",
      null,
      null,
    ),
  ],
  [
    'an unknown class',
    behind({ class_type: 'SquallNoSuchNode', inputs: {} }),
    missingType(
      "Node 'SquallNoSuchNode' not found. The custom node may not be installed.",
      'SquallNoSuchNode',
      'SquallNoSuchNode',
    ),
  ],
  [
    'an unknown class with a title',
    behind({ class_type: 'SquallNoSuchNode', inputs: {}, _meta: { title: 'Fancy' } }),
    missingType("Node 'Fancy' not found. The custom node may not be installed.", 'SquallNoSuchNode', 'Fancy'),
  ],
]

const inputs: readonly Row[] = [
  [
    'an input is missing',
    { prompt: { 1: image, 2: { class_type: 'PreviewImage', inputs: {} } } },
    output(
      'Required input is missing: images',
      about('required_input_missing', 'Required input is missing', 'images', { input_name: 'images' }),
    ),
  ],
  [
    'a link of three',
    withImages(['1', 0, 0]),
    output(
      'Bad linked input, must be a length-2 list of [node_id, slot_index]: images',
      about(
        'bad_linked_input',
        'Bad linked input, must be a length-2 list of [node_id, slot_index]',
        'images',
        having({ input_name: 'images', received_value: ['1', 0, 0] }),
      ),
    ),
  ],
  [
    'a link to a node that is not there',
    withImages(['99', 0]),
    output("Exception when validating node: '99'", raised("'99'", 'KeyError')),
  ],
  [
    'a slot that is not there',
    withImages(['1', 7]),
    output(
      'Exception when validating node: tuple index out of range',
      raised('tuple index out of range', 'IndexError'),
    ),
  ],
  [
    'a link of another type',
    {
      prompt: {
        1: { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
        2: preview,
      },
    },
    output(
      'Return type mismatch between linked nodes: images, received_type(LATENT) mismatch input_type(IMAGE)',
      about(
        'return_type_mismatch',
        'Return type mismatch between linked nodes',
        'images, received_type(LATENT) mismatch input_type(IMAGE)',
        having({ input_name: 'images', received_type: 'LATENT', linked_node: ['1', 0] }),
      ),
    ),
  ],
  [
    'a text for a number',
    emptyImage({ width: 'abc' }),
    upstream('EmptyImage', intFailure(/^width, abc, invalid literal for int/, 'abc')),
  ],
  [
    'null for a number',
    emptyImage({ width: null }),
    upstream('EmptyImage', intFailure(/^width, None, int\(\) argument/, null)),
  ],
  [
    'a number that is too small',
    emptyImage({ width: 0 }),
    upstream(
      'EmptyImage',
      about(
        'value_smaller_than_min',
        'Value 0 smaller than min of 1',
        'width',
        having({ input_name: 'width', received_value: 0 }),
      ),
    ),
  ],
  [
    'a number that is too big',
    emptyImage({ batch_size: 5000 }),
    upstream(
      'EmptyImage',
      about(
        'value_bigger_than_max',
        'Value 5000 bigger than max of 4096',
        'batch_size',
        having({ received_value: 5000 }),
      ),
    ),
  ],
  [
    'a model that is not there',
    { prompt: modelPrompt('squall-nowhere.safetensors') },
    upstream(
      'CheckpointLoaderSimple',
      about(
        'value_not_in_list',
        'Value not in list',
        matching(/^ckpt_name: 'squall-nowhere\.safetensors' not in (\[.*\]|\(list of length \d+\))$/),
        having({ input_name: 'ckpt_name', received_value: 'squall-nowhere.safetensors' }),
      ),
    ),
  ],
  [
    'an input file that is not there',
    behind({ class_type: 'LoadImage', inputs: { image: 'squall-nowhere.png' } }),
    upstream(
      'LoadImage',
      about(
        'custom_validation_failed',
        'Custom validation failed for node',
        'image - Invalid image file: squall-nowhere.png',
        having({ input_name: 'image' }),
      ),
    ),
  ],
  [
    'a circle',
    {
      prompt: {
        1: { class_type: 'ImageInvert', inputs: { image: ['3', 0] } },
        3: { class_type: 'ImageInvert', inputs: { image: ['1', 0] } },
        2: preview,
      },
    },
    upstream(
      'ImageInvert',
      about(
        'dependency_cycle',
        'Dependency cycle detected',
        matching(/ImageInvert\) -> /),
        having({ cycle_nodes: including('1') }),
      ),
    ),
  ],
]

/** Bodies that end in an exception of the server: 500 in plain text, nothing is said. */
const crashes: readonly (readonly [name: string, body: unknown])[] = [
  ['null', null],
  ['a text', 'prompt'],
  ['a prompt that is null', { prompt: null }],
  ['a prompt that is a list', { prompt: [] }],
  ['a prompt that is a text', { prompt: 'x' }],
  ['the format of the browser', { prompt: { nodes: [], links: [], version: 0.4 } }],
  ['a number that is none', { prompt: { 1: image, 2: preview }, number: 'first' }],
  ['extra data that is null', { prompt: { 1: image, 2: preview }, extra_data: null }],
  ['extra data that is a list', { prompt: { 1: image, 2: preview }, client_id: 'x', extra_data: [] }],
]

/** The group. */
export const refusalCases: Group<ComfyuiTarget> = {
  name: 'refusals',
  cases: [
    ...[...wholePrompt, ...inputs].map(
      ([name, body, expected]): Case<ComfyuiTarget> => ({
        name,
        run: async ({ post }) => {
          const answer = await post('/prompt', body)
          check(
            'POST /prompt',
            { status: answer.status, body: jsonOf(answer) },
            { status: 400, body: expected },
          )
        },
      }),
    ),
    ...crashes.map(
      ([name, body]): Case<ComfyuiTarget> => ({
        name: `500: ${name}`,
        run: async ({ post }) => check('POST /prompt', await post('/prompt', body), having(crashed)),
      }),
    ),
  ],
}

function raised(details: string, exception: string): unknown {
  return about(
    'exception_during_validation',
    'Exception when validating node',
    details,
    having({ exception_type: exception }),
  )
}

function modelPrompt(checkpoint: string): unknown {
  return {
    1: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: checkpoint } },
    3: { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
    4: { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['1', 2] } },
    2: { class_type: 'PreviewImage', inputs: { images: ['4', 0] } },
  }
}
