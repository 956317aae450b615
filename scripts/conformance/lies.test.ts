/** A contract that cannot fail says nothing: behind a lying proxy exactly the cases about the lie must fail. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ServedTwin } from '@squall/twin-kit/conformance/case'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contracts } from './contracts.ts'
import { type Lie, startLiar } from './liar.ts'
import { runOnServer } from './run-service.ts'

const served = new Map<string, ServedTwin>()
const folder = mkdtempSync(path.join(tmpdir(), 'conformance-lies-'))

beforeAll(async () => {
  await Promise.all(
    contracts.map(async ({ service, startTwin }) =>
      served.set(service, await startTwin(path.join(folder, service))),
    ),
  )
})

afterAll(async () => {
  await Promise.all([...served.values()].map((twin) => twin[Symbol.asyncDispose]()))
  rmSync(folder, { recursive: true, force: true })
})

function urlOf(service: string): string {
  return served.get(service)?.url() ?? ''
}
/** Cases that fail behind the lie, by name. */
async function failuresBehind(service: string, part: string, lie: Lie): Promise<string[]> {
  const contract = contracts.find((one) => one.service === service)
  if (contract === undefined) throw new RangeError(`no contract of ${service}`)
  await using liar = await startLiar(urlOf(service), lie)
  const options = { mayHarm: true, isChosen: (name: string) => name.includes(part) }
  const { results } = await runOnServer(contract, liar.url, options)
  return results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)
}

/** Same length, so that the frame around it stays whole. */
function swap(from: string, to: string): (bytes: Buffer) => Buffer {
  return (bytes) => Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1')
}

test.each([
  [
    'comfyui',
    'refusals',
    { answer: (_path: string, body: string) => body.replace('"Value not in list"', '"Value not in List"') },
    ['refusals: a model that is not there'],
  ],
  [
    'comfyui',
    'facts',
    {
      answer: (asked: string, body: string) => (asked === '/users' ? body.replace('server', 'cloud') : body),
    },
    ['facts: users'],
  ],
  [
    'comfyui',
    'history: jobs',
    {
      answer: (_path: string, body: string) => body.replace('"execution_end_time"', '"execution_stop_time"'),
    },
    ['history: jobs: a finished one, in the list and alone'],
  ],
  [
    'comfyui',
    'socket',
    { socketBytes: swap('"sid"', '"Sid"') },
    [
      'socket: the first frame is a status with the id',
      'socket: an id is invented for whoever has none',
      'socket: /api/ws is the same',
    ],
  ],
  [
    'comfyui',
    'run',
    { socketBytes: swap('"state": "finished"', '"state": "Finished"') },
    ['run: a fresh prompt sends its frames in order'],
  ],
  [
    'wan2gp',
    'generation: a generator',
    { answer: (_path: string, body: string) => body.replace('"time_limit"', '"time_limits"') },
    ['generation: a generator: full values, then edits, then full values again'],
  ],
  [
    'wan2gp',
    'stream: call',
    { answer: (_path: string, body: string) => body.replace('data: null', 'data: "x"') },
    ['stream: call: the text of an error is dropped'],
  ],
  [
    'litellm',
    'gateway: live',
    { answer: (asked: string, body: string) => (asked === '/health/liveness' ? '"alive"' : body) },
    ['gateway: liveness is the same'],
  ],
  [
    'openai',
    'answers: chat',
    {
      answer: (_path: string, body: string) =>
        body.replace('"finish_reason":"length"', '"finish_reason":"stop"'),
    },
    ['answers: chat: max_tokens ends it for its length'],
  ],
] as const)(
  '%s, %s: exactly the cases behind the lie fail',
  { timeout: 60_000 },
  async (service, part, lie, expected) => {
    expect(await failuresBehind(service, part, lie)).toEqual(expected)
  },
)
