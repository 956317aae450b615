/**
 * JSON-RPC methods of the MCP server, with the answers of `mcp` 1.10.1 (measured): a tool that fails is a result with
 * `isError`, an unknown method is "Invalid request parameters", and an unknown prompt has error code 0.
 */
import type { Faults } from '@squall/twin-kit'
import type { Point } from '../points.ts'
import { type Arguments, inputSchema, readArguments } from './arguments.ts'
import type { McpHost } from './host.ts'
import { type Tool, tools } from './tools.ts'

/** Protocol versions, newest last. */
export const protocolVersions = ['2024-11-05', '2025-03-26', '2025-06-18'] as const

/** A result, or an error. */
export type Reply =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } }

const invalid: Reply = { error: { code: -32_602, message: 'Invalid request parameters', data: '' } }
const guide =
  'Call wangp_list_models, then wangp_get_default_settings, then wangp_generate; poll wangp_get_job.'
const documents: Readonly<Record<string, string>> = {
  'wangp://docs/settings':
    '# Settings\n\nmodel_type, prompt, resolution, num_inference_steps, video_length, seed, image_mode.\n',
}

type Method = (host: McpHost, params: Arguments, faults: Faults<Point>) => Reply | Promise<Reply>

const methods: Readonly<Record<string, Method>> = {
  ping: () => ({ result: {} }),
  initialize: (_host, params) => {
    const { protocolVersion: asked, capabilities, clientInfo } = params
    if (typeof asked !== 'string' || typeof capabilities !== 'object' || typeof clientInfo !== 'object')
      return invalid
    const version = protocolVersions.find((known) => known === asked) ?? protocolVersions.at(-1)
    return {
      result: {
        protocolVersion: version,
        capabilities: {
          experimental: {},
          prompts: { listChanged: false },
          resources: { subscribe: false, listChanged: false },
          tools: { listChanged: false },
        },
        serverInfo: { name: 'WanGP', version: '1.10.1' },
      },
    }
  },
  'tools/list': () => ({ result: { tools: Object.entries(tools).map(described) } }),
  'tools/call': callTool,
  'prompts/list': () => ({
    result: { prompts: [{ name: 'wangp_agent', description: 'How to use this server.', arguments: [] }] },
  }),
  'prompts/get': (_host, { name }) =>
    name === 'wangp_agent'
      ? { result: { messages: [{ role: 'user', content: { type: 'text', text: guide } }] } }
      : { error: { code: 0, message: `Unknown prompt: ${String(name)}` } },
  'resources/list': () => ({
    result: {
      resources: Object.keys(documents).map((uri) => ({
        name: uri.slice(uri.lastIndexOf('/') + 1),
        uri,
        mimeType: 'text/markdown',
      })),
    },
  }),
  'resources/templates/list': () => ({ result: { resourceTemplates: [] } }),
  'resources/read': (_host, { uri }) => {
    const document = documents[String(uri)]
    if (document === undefined) return { error: { code: 0, message: `Unknown resource: ${String(uri)}` } }
    return { result: { contents: [{ uri, mimeType: 'text/markdown', text: document }] } }
  },
  'logging/setLevel': () => ({ error: { code: -32_601, message: 'Method not found' } }),
}

/** Answers one request. */
export async function answer(
  host: McpHost,
  faults: Faults<Point>,
  { method, params }: { readonly method: string; readonly params: Arguments },
): Promise<Reply> {
  const run = Object.hasOwn(methods, method) ? methods[method] : undefined
  return run === undefined ? invalid : await run(host, params, faults)
}

function described([name, tool]: readonly [string, Tool]): Record<string, unknown> {
  const outputSchema =
    tool.isList === true
      ? {
          properties: {
            result: { items: { additionalProperties: true, type: 'object' }, title: 'Result', type: 'array' },
          },
          required: ['result'],
          title: `${name}Output`,
          type: 'object',
        }
      : { additionalProperties: true, title: `${name}DictOutput`, type: 'object' }
  return {
    name,
    description: tool.description,
    inputSchema: inputSchema(name, tool.parameters),
    outputSchema,
  }
}

async function callTool(host: McpHost, params: Arguments, faults: Faults<Point>): Promise<Reply> {
  const { name, arguments: given = {} } = params
  if (typeof name !== 'string' || typeof given !== 'object' || given === null) return invalid
  const tool = Object.hasOwn(tools, name) ? tools[name] : undefined
  if (tool === undefined) return failed(`Unknown tool: ${name}`)
  const read = readArguments(name, tool.parameters, given as Arguments)
  if ('text' in read) return failed(`Error executing tool ${name}: ${read.text}`)
  const step = await faults.step('wan2gp.mcp.tool', { tool: name })
  if (step.kind === 'fail') return failed(`Error executing tool ${name}: A fault was injected here`)
  if (step.kind === 'skip') return toolResult(tool, null)
  try {
    return toolResult(tool, await tool.run(host, read.values))
  } catch (error) {
    return failed(`Error executing tool ${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function toolResult(tool: Tool, value: unknown): Reply {
  const items = tool.isList === true ? ((value ?? []) as readonly unknown[]) : [value]
  const texts = items.filter((item) => item !== null)
  return {
    result: {
      content: texts.map((item) => ({ type: 'text', text: JSON.stringify(item, null, 2) })),
      structuredContent: tool.isList === true ? { result: items } : (value ?? {}),
      isError: false,
    },
  }
}

function failed(message: string): Reply {
  return { result: { content: [{ type: 'text', text: message }], isError: true } }
}
