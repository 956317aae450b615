/** MCP mode, driven by the official client, and over plain HTTP for what it hides. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { within } from '../testing/chain.ts'
import { startTestTwin, type TestTwin } from '../testing/twin-in-folder.ts'

type Snapshot = {
  readonly job_id: string
  readonly done: boolean
  readonly cancel_requested: boolean
  readonly events: readonly { readonly kind: string; readonly data: unknown }[]
  readonly result: {
    readonly success: boolean
    readonly generated_files: readonly string[]
    readonly gallery_items: readonly { readonly gallery_id: string }[]
    readonly errors: readonly { readonly message: string; readonly stage: string }[]
  } | null
}

let twin: TestTwin
let client: Client

beforeEach(async () => {
  twin = await startTestTwin({ mcp: true })
  client = new Client({ name: 'test', version: '1' })
  await within(
    'connect',
    client.connect(new StreamableHTTPClientTransport(new URL(`${twin.url}/mcp`)) as Transport),
  )
})

afterEach(async () => {
  await client.close()
  await twin[Symbol.asyncDispose]()
})

type Called = { readonly isError?: boolean; readonly structuredContent?: unknown; readonly content: unknown }

async function call(name: string, given: Record<string, unknown> = {}): Promise<Called> {
  return (await within(name, client.callTool({ name, arguments: given }))) as Called
}

async function structured<T>(name: string, given: Record<string, unknown> = {}): Promise<T> {
  const { isError, structuredContent, content } = await call(name, given)
  expect([isError, content]).toEqual([false, content])
  return structuredContent as T
}

/** The text of a call that fails. */
async function failure(name: string, given: Record<string, unknown> = {}): Promise<string> {
  const { isError, content } = await call(name, given)
  expect(isError).toBe(true)
  return (content as { text: string }[])[0]?.text ?? ''
}

const source = {
  model_type: 't2v',
  prompt: 'by mcp',
  seed: 3,
  num_inference_steps: 4,
  resolution: '64x64',
  video_length: 4,
}
const generate = (given: Record<string, unknown>): Promise<Snapshot> => structured('wangp_generate', given)

test('lists models and their defaults, and every tool has a schema', async () => {
  const { tools } = await within('tools', client.listTools())
  expect(tools).toHaveLength(22)
  expect(tools.find(({ name }) => name === 'wangp_get_job')?.inputSchema).toEqual({
    properties: {
      job_id: { title: 'Job Id', type: 'string' },
      event_limit: { default: 20, title: 'Event Limit', type: 'integer' },
    },
    required: ['job_id'],
    title: 'wangp_get_jobArguments',
    type: 'object',
  })
  const { result } = await structured<{ result: { model_type: string }[] }>('wangp_list_models', {
    main_output: 'video',
  })
  expect(result.map(({ model_type: type }) => type)).toEqual(['t2v', 't2v_2_2'])
  expect(await structured('wangp_get_default_settings', { model_type: 't2v' })).toMatchObject({
    num_inference_steps: 30,
  })
  expect(await structured('wangp_get_model_availability', { model_type: 't2v' })).toMatchObject({
    available: true,
  })
})

test('generates, is followed by polling, and the file can be fetched', async () => {
  let job = await generate({ source })
  expect(job).toMatchObject({ done: false, result: null, events: [{ kind: 'started', data: { tasks: 1 } }] })
  const { job_id: id } = job
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  while (!job.done) job = await structured('wangp_get_job', { job_id: id, event_limit: 500 })
  expect(job.result).toMatchObject({ success: true, cancelled: false, total_tasks: 1, successful_tasks: 1 })
  const kinds = new Set(job.events.map(({ kind }) => kind))
  expect([...kinds]).toEqual(
    expect.arrayContaining(['started', 'progress', 'preview', 'output', 'completed']) as string[],
  )
  const percents = job.events.flatMap(({ kind, data }) =>
    kind === 'progress' ? (data as { progress: number }).progress : [],
  )
  expect(percents).toEqual([10, 18, 36, 52, 68, 85, 90])
  const [item] = job.result?.gallery_items ?? []
  expect(item?.gallery_id).toMatch(/^visual:[0-9a-f]{12}$/)
  expect(await structured('wangp_get_gallery_item', item)).toMatchObject({
    selected: true,
    media_type: 'video',
  })

  const link = await structured<{ url: string }>('wangp_create_gallery_download', item)
  const response = await fetch(link.url)
  const bytes = Buffer.from(await response.arrayBuffer())
  expect(bytes.subarray(4, 8).toString()).toBe('ftyp')
  expect(twin.journalled('output')).toMatchObject([{ jobId: id, bytes: bytes.length }])
  expect((await fetch(link.url)).status).toBe(404)
})

test('one job at a time: a second one is refused, and an unknown id is a KeyError', async () => {
  const { job_id: id } = await generate({ source: { ...source, num_inference_steps: 200 } })
  expect(await failure('wangp_generate', { source })).toBe(
    'Error executing tool wangp_generate: WanGP session already has a generation in progress',
  )
  expect(await failure('wangp_get_job', { job_id: 'zz' })).toBe(
    "Error executing tool wangp_get_job: 'Unknown WanGP job_id: zz'",
  )
  expect(await structured('wangp_cancel_job', { job_id: id })).toMatchObject({ cancel_requested: true })
  await within('end', twin.journalHas('job-finished'))
  const { result } = await structured<Snapshot>('wangp_get_job', { job_id: id })
  expect(result).toMatchObject({
    success: false,
    cancelled: true,
    generated_files: [],
    errors: [{ message: 'Generation was cancelled', stage: 'cancelled', task_index: 1, cancelled: true }],
  })
  expect(twin.journalled('job-finished')).toMatchObject([{ jobId: id, outcome: 'interrupted' }])
})

test('tasks of a list run one after the other, and one that fails does not stop the next', async () => {
  const tasks = [
    source,
    { ...source, model_type: 'nope' },
    { ...source, resolution: '9999x9999', video_length: 99 },
    source,
  ]
  const { result } = await generate({ source: tasks, wait: true })
  expect(result).toMatchObject({
    success: false,
    cancelled: false,
    total_tasks: 4,
    successful_tasks: 2,
    failed_tasks: 2,
  })
  expect(result?.errors).toMatchObject([
    { stage: 'validation', message: 'Unknown model type: nope', task_index: 2 },
    { stage: 'generation', message: expect.stringContaining('unsufficient VRAM') as unknown, task_index: 3 },
  ])
  expect(result?.generated_files).toHaveLength(2)
})

describe('wait', () => {
  test('makes the whole server deaf until the job is done', async () => {
    const waiting = generate({ source, wait: true })
    await within('start', twin.journalHas('job-started'))
    await within('ping', client.ping())
    expect(twin.journalled('job-finished')).toHaveLength(1)
    expect((await waiting).done).toBe(true)
  })

  test('gives up after timeout_s; the job goes on', async () => {
    const slow = { ...source, num_inference_steps: 1000 }
    expect(await failure('wangp_generate', { source: slow, wait: true, timeout_s: 0.05 })).toBe(
      'Error executing tool wangp_generate: WanGP session job timed out',
    )
    expect(await failure('wangp_generate', { source })).toContain('already has a generation')
  })
})

test('wrong arguments fail in the words of pydantic', async () => {
  expect(await failure('wangp_get_job')).toBe(
    'Error executing tool wangp_get_job: 1 validation error for wangp_get_jobArguments\njob_id\n  Field required [type=missing, input_value={}, input_type=dict]\n    For further information visit https://errors.pydantic.dev/2.11/v/missing',
  )
  expect(await failure('wangp_generate', { source: 'x' })).toContain(
    "source.dict[str,any]\n  Input should be a valid dictionary [type=dict_type, input_value='x', input_type=str]",
  )
  expect(await failure('nope')).toBe('Unknown tool: nope')
  expect(await failure('wangp_toolbox', { action: 'x' })).toContain('use a real WanGP')
})

describe('media transfer', () => {
  const put = async (url: string, body: string): Promise<[number, Record<string, unknown>]> => {
    const response = await fetch(url, { method: 'PUT', body })
    return [response.status, (await response.json()) as Record<string, unknown>]
  }

  test('an upload link is good for one file, which the gallery then has', async () => {
    const { url } = await structured<{ url: string }>('wangp_create_gallery_upload', {
      filename: '../../../x.png',
    })
    const [status, record] = await put(url, 'pixels')
    expect([status, record]).toMatchObject([
      200,
      { status: 'uploaded', size: 6, media_type: 'image', in_gallery: true },
    ])
    expect(String(record['path'])).toMatch(new RegExp(`^${twin.folder}/gradio/[0-9a-f]{64}/x\\.png$`))
    expect(await put(url, 'again')).toMatchObject([404, { error: expect.any(String) as unknown }])
    const { result } = await structured<{ result: unknown[] }>('wangp_list_gallery', { media_type: 'image' })
    expect(result).toMatchObject([{ path: record['path'], media_type: 'image' }])
  })

  test('what is no media, no token, too old or for the other direction is refused', async () => {
    expect(await failure('wangp_create_gallery_upload', { filename: 'x.sh' })).toContain('Unsupported media')
    expect(await failure('wangp_create_gallery_download', { gallery_id: 'visual:0' })).toContain(
      'Unknown WanGP gallery_id',
    )
    const { url } = await structured<{ url: string }>('wangp_create_gallery_upload', { filename: 'x.png' })
    expect((await fetch(url.replace('/upload/', '/download/'))).status).toBe(404)
    expect((await fetch(`${twin.url}/wangp_api/gallery/download/..%2f..%2fetc%2fpasswd`)).status).toBe(404)
    expect(await put(url, '')).toMatchObject([400, {}])
  })
})

describe('over plain HTTP', () => {
  const json = { 'content-type': 'application/json' }
  const both = { ...json, accept: 'application/json, text/event-stream' }
  const ping = '{"jsonrpc":"2.0","id":4,"method":"ping"}'
  const post = async (body: string, headers: Record<string, string> = both): Promise<[number, unknown]> => {
    const response = await fetch(`${twin.url}/mcp/`, { method: 'POST', headers, body })
    const text = await response.text()
    return [response.status, text.startsWith('{') ? JSON.parse(text) : text]
  }
  const refused = (code: number, message: string): unknown => ({
    jsonrpc: '2.0',
    id: 'server-error',
    error: { code, message },
  })

  test('as mcp 1.10.1 answers', async () => {
    expect(await post(ping)).toEqual([200, { jsonrpc: '2.0', id: 4, result: {} }])
    expect(await post('{"jsonrpc":"2.0","method":"notifications/initialized"}')).toEqual([202, ''])
    expect(await post('{"jsonrpc":"2.0","id":4,"method":"nope/x"}')).toEqual([
      200,
      { jsonrpc: '2.0', id: 4, error: { code: -32_602, message: 'Invalid request parameters', data: '' } },
    ])
    expect(await post('{"jsonrpc":')).toEqual([
      400,
      refused(-32_700, 'Parse error: Expecting value: line 1 column 12 (char 11)'),
    ])
    expect(await post('[]')).toMatchObject([400, { error: { code: -32_602 } }])
    expect(
      await post(`{"jsonrpc":"2.0","id":1,"method":"ping","params":${'['.repeat(2e5)}${']'.repeat(2e5)}}`),
    ).toMatchObject([500, { error: { code: -32_603 } }])
    const accept = 'Not Acceptable: Client must accept both application/json and text/event-stream'
    expect(await post(ping, json)).toEqual([406, refused(-32_600, accept)])
    expect(await post(ping, { ...both, 'content-type': 'text/plain' })).toEqual([
      400,
      'Invalid Content-Type header',
    ])
    expect(await post(ping, { ...both, 'mcp-protocol-version': '1999-01-01' })).toMatchObject([
      400,
      { id: 'server-error' },
    ])
    expect((await fetch(`${twin.url}/mcp/`, { method: 'DELETE' })).status).toBe(405)
    expect(
      (await fetch(`${twin.url}/mcp`, { method: 'POST', redirect: 'manual' })).headers.get('location'),
    ).toBe(`${twin.url}/mcp/`)
  })

  test('the page is there beside it, and without the flag there is no MCP', async () => {
    expect((await fetch(`${twin.url}/config`)).status).toBe(200)
    await using plain = await startTestTwin()
    expect((await fetch(`${plain.url}/mcp/`, { method: 'POST', headers: both, body: ping })).status).toBe(404)
  })

  test('prompts and resources', async () => {
    expect((await client.listPrompts()).prompts).toMatchObject([{ name: 'wangp_agent' }])
    const { contents } = await client.readResource({ uri: 'wangp://docs/settings' })
    expect(contents).toMatchObject([{ mimeType: 'text/markdown' }])
    await expect(client.readResource({ uri: 'wangp://docs/none' })).rejects.toThrow('Unknown resource')
  })
})
