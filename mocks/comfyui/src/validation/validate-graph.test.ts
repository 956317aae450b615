/** Rejections of `POST /prompt`, body for body as recorded (without tooltips and source lines). */
import { expect, test } from 'vitest'
import { getJson, post, startComfyui } from '../testing/observed-twin.ts'
import { sd15Graph, smallGraph } from '../testing/sd15-graph.ts'

type Inputs = Record<string, unknown>

const emptyImage: Inputs = { width: 64, height: 64, batch_size: 1, color: 1 }
const save: Inputs = { images: ['1', 0], filename_prefix: 'v' }

function graph(first: Inputs = {}, second: Inputs = save) {
  return {
    1: { class_type: 'EmptyImage', inputs: { ...emptyImage, ...first } },
    2: { class_type: 'SaveImage', inputs: second },
  }
}

async function rejected(body: unknown) {
  await using twin = await startComfyui()
  const { status, json, text } = await post(`${twin.url}/prompt`, body)
  const { error, node_errors: nodeErrors } = json as {
    error: Inputs
    node_errors: Record<string, { errors: Inputs[] }>
  }
  return { status, text, error, nodeErrors }
}

const refusals: readonly (readonly [body: unknown, type: string, message: string, details: string])[] = [
  [{}, 'no_prompt', 'No prompt provided', 'No prompt provided'],
  [[], 'no_prompt', 'No prompt provided', 'No prompt provided'],
  [{ prompt: {} }, 'prompt_no_outputs', 'Prompt has no outputs', ''],
  [{ prompt: graph(), partial_execution_targets: [] }, 'prompt_no_outputs', 'Prompt has no outputs', ''],
  [
    { prompt: { 1: { class_type: 'NoSuchNode', inputs: {} } } },
    'missing_node_type',
    "Node 'NoSuchNode' not found. The custom node may not be installed.",
    "Node ID '#1'",
  ],
  [
    { prompt: { 1: { inputs: {} } } },
    'missing_node_type',
    "Node 'ID #1' has no class_type. The workflow may be corrupted or a custom node is missing.",
    "Node ID '#1'",
  ],
  ...['not-a-uuid', 'FE8DBBB5-E167-4B2C-B585-D4C841AF234F', 5, ''].map(
    (id) =>
      [
        { prompt: graph(), prompt_id: id },
        'invalid_prompt_id',
        'prompt_id must be a valid UUID',
        'prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one',
      ] as const,
  ),
]

test.each(refusals)('%j is refused as a whole', async (body, type, message, details) => {
  const answer = await rejected(body)
  expect(answer.status).toBe(400)
  expect(answer.error).toMatchObject({ type, message, details })
  expect(answer.nodeErrors).toEqual({})
})

test.each([
  ['', 500],
  ['{"prompt": ', 500],
  ['null', 500],
  ['"x"', 500],
  [{ prompt: null }, 500],
  [{ prompt: [] }, 500],
  [{ prompt: { nodes: [], links: [] } }, 500],
  [{ prompt: graph(), number: 'abc' }, 500],
  [{ prompt: graph(), extra_data: null }, 500],
])('%j makes the server raise', async (body, status) => {
  const answer = await rejected(body)
  expect(answer).toMatchObject({ status, text: '500 Internal Server Error\n\nServer got itself in trouble' })
})

const widthConfig = ['INT', { default: 512, min: 1, max: 16384, step: 1 }]

test.each([
  [
    graph({}, { filename_prefix: 'v' }),
    '2',
    {
      type: 'required_input_missing',
      message: 'Required input is missing',
      details: 'images',
      extra_info: { input_name: 'images' },
    },
    'Required input is missing: images',
  ],
  [
    graph({}, { ...save, images: ['1', 0, 9] }),
    '2',
    {
      type: 'bad_linked_input',
      message: 'Bad linked input, must be a length-2 list of [node_id, slot_index]',
      details: 'images',
      extra_info: { input_name: 'images', input_config: ['IMAGE', {}], received_value: ['1', 0, 9] },
    },
    'Bad linked input, must be a length-2 list of [node_id, slot_index]: images',
  ],
  [
    { ...graph(), 1: { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } } },
    '2',
    {
      type: 'return_type_mismatch',
      message: 'Return type mismatch between linked nodes',
      details: 'images, received_type(LATENT) mismatch input_type(IMAGE)',
      extra_info: {
        input_name: 'images',
        input_config: ['IMAGE', {}],
        received_type: 'LATENT',
        linked_node: ['1', 0],
      },
    },
    'Return type mismatch between linked nodes: images, received_type(LATENT) mismatch input_type(IMAGE)',
  ],
  [
    graph({ width: 'abc' }),
    '1',
    {
      type: 'invalid_input_type',
      message: 'Failed to convert an input value to a INT value',
      details: "width, abc, invalid literal for int() with base 10: 'abc'",
      extra_info: {
        input_name: 'width',
        input_config: widthConfig,
        received_value: 'abc',
        exception_message: "invalid literal for int() with base 10: 'abc'",
      },
    },
    '',
  ],
  [
    graph({ width: 0 }),
    '1',
    {
      type: 'value_smaller_than_min',
      message: 'Value 0 smaller than min of 1',
      details: 'width',
      extra_info: { input_name: 'width', input_config: widthConfig, received_value: 0 },
    },
    '',
  ],
  [
    graph({ width: 1_000_000_000 }),
    '1',
    {
      type: 'value_bigger_than_max',
      message: 'Value 1000000000 bigger than max of 16384',
      details: 'width',
      extra_info: { input_name: 'width', input_config: widthConfig, received_value: 1_000_000_000 },
    },
    '',
  ],
])('node error %#', async (prompt, node, error, details) => {
  const answer = await rejected({ prompt })
  expect(answer.status).toBe(400)
  expect(answer.error).toEqual({
    type: 'prompt_outputs_failed_validation',
    message: 'Prompt outputs failed validation',
    details,
    extra_info: {},
  })
  expect(answer.nodeErrors).toEqual({
    [node]: {
      errors: [error],
      dependent_outputs: ['2'],
      class_type: prompt[Number(node) as 1 | 2].class_type,
    },
  })
})

test('a model that is not there names the options; long lists are left out', async () => {
  const missing = { ...sd15Graph(), 4: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'x' } } }
  const names = ['sd15.safetensors', 'sdxl_base.safetensors', 'sdxl_refiner.safetensors']
  expect((await rejected({ prompt: missing })).nodeErrors['4']?.errors).toEqual([
    {
      type: 'value_not_in_list',
      message: 'Value not in list',
      details: `ckpt_name: 'x' not in [${names.map((name) => `'${name}'`).join(', ')}]`,
      extra_info: { input_name: 'ckpt_name', input_config: [names, {}], received_value: 'x' },
    },
  ])
  const sampler = (await rejected({ prompt: sd15Graph({ sampler_name: 'x' }) })).nodeErrors['3']?.errors[0]
  expect(sampler).toMatchObject({ details: "sampler_name: 'x' not in (list of length 44)" })
  expect(sampler?.['extra_info']).toMatchObject({ input_config: null })
})

test('dangling links, slots out of range and missing inputs are exceptions', async () => {
  const detailsOf = async (prompt: unknown) =>
    (await rejected({ prompt })).nodeErrors['2']?.errors[0]?.['details']
  expect(await detailsOf(graph({}, { ...save, images: ['99', 0] }))).toBe("'99'")
  expect(await detailsOf(graph({}, { ...save, images: ['1', 5] }))).toBe('tuple index out of range')
  expect(await detailsOf({ 2: { class_type: 'SaveImage' } })).toBe("'inputs'")
})

test('every node of a cycle carries the cycle', async () => {
  const invert = (from: string) => ({ class_type: 'ImageInvert', inputs: { image: [from, 0] } })
  const prompt = {
    1: invert('2'),
    2: invert('1'),
    3: { class_type: 'PreviewImage', inputs: { images: ['2', 0] } },
  }
  const { nodeErrors } = await rejected({ prompt })
  expect(Object.keys(nodeErrors)).toEqual(['1', '2'])
  for (const id of ['1', '2']) {
    expect(nodeErrors[id]).toMatchObject({
      dependent_outputs: ['3'],
      errors: [
        {
          type: 'dependency_cycle',
          details: '2 (ImageInvert) -> 1 (ImageInvert) -> 2 (ImageInvert)',
          extra_info: { node_id: id, cycle_nodes: ['2', '1'] },
        },
      ],
    })
  }
})

test('a missing input image is a custom validation', async () => {
  const prompt = { ...smallGraph(), 1: { class_type: 'LoadImage', inputs: { image: 'nope.png' } } }
  expect((await rejected({ prompt })).nodeErrors['1']?.errors).toEqual([
    {
      type: 'custom_validation_failed',
      message: 'Custom validation failed for node',
      details: 'image - Invalid image file: nope.png',
      extra_info: { input_name: 'image' },
    },
  ])
})

test('one good output is enough: 200 with node errors, the bad output is dropped', async () => {
  await using twin = await startComfyui()
  const prompt = { ...graph(), 9: { class_type: 'SaveImage', inputs: { filename_prefix: 'bad' } } }
  const { status, json } = await post(`${twin.url}/prompt`, { prompt })
  expect(status).toBe(200)
  expect(json['node_errors']).toMatchObject({ 9: { dependent_outputs: ['9'] } })
  await expect.poll(() => twin.journal.filter(({ event }) => event === 'output').length).toBe(1)
})

test('values are converted and written back', async () => {
  await using twin = await startComfyui()
  const { json } = await post(`${twin.url}/prompt`, {
    prompt: graph({ width: '64', height: 64.9 }),
    number: '3',
  })
  expect(json).toMatchObject({ number: 3, node_errors: {} })
  const id = String(json['prompt_id'])
  await expect
    .poll(async () => (await getJson(`${twin.url}/history/${id}`))[id])
    .toMatchObject({
      prompt: [3, id, graph({ width: 64, height: 64 }), {}, ['2']],
    })
  expect(await (await fetch(`${twin.url}/history/${id}`)).text()).toContain('"prompt": [3.0, "')
})
