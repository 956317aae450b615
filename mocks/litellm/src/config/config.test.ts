/** One configuration drives the twin and the real proxy: what the twin reads of it, refuses, and does not honour. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { configOf, type GatewayConfig } from './config.ts'
import { defaultConfig } from './default-config.ts'
import { shownApiBase, upstreamModel } from './deployment.ts'
import { readConfigFile } from './read-config.ts'

const composeFile = join(import.meta.dirname, '../../../../compose/litellm/config.yaml')
const minimal = 'model_list: [{ model_name: a, litellm_params: { model: openai/b } }]\n'

test('the built-in configuration is compose/litellm/config.yaml', () => {
  expect(defaultConfig).toEqual(parse(readFileSync(composeFile, 'utf8')))
})

test('variables of the environment are looked up; the rest has the defaults of LiteLLM', async () => {
  const { deployments, routing, requestTimeoutMs } = await read(minimal)
  expect(deployments[0]).toMatchObject({ alias: 'a', apiBase: undefined, weight: 1, mock: undefined })
  expect(routing).toMatchObject({ numRetries: 2, cooldownSeconds: 5, fallbacksMax: 5, fallbacks: undefined })
  expect(requestTimeoutMs).toBe(6_000_000)
  const { deployments: known, masterKey } = configOf(defaultConfig, (name) => `<${name}>`)
  expect({ masterKey, apiBase: known[0]?.apiBase }).toEqual({
    masterKey: '<LITELLM_MASTER_KEY>',
    apiBase: '<SQUALL_UPSTREAM_URL>',
  })
})

test('an id is the same on every start and differs between deployments', () => {
  const ids = (): string[] => configOf(defaultConfig, () => undefined).deployments.map(({ id }) => id)
  expect(new Set(ids()).size).toBe(4)
  expect(ids()).toEqual(ids())
})

test('upstreamModel and shownApiBase tell where a call goes', async () => {
  const [deployment] = (await read(minimal)).deployments
  if (deployment === undefined) throw new Error('no deployment')
  expect(upstreamModel(deployment)).toBe('b')
  expect(shownApiBase(deployment)).toBe('https://api.openai.com')
  expect(shownApiBase({ ...deployment, apiBase: 'http://x/v1' })).toBe('http://x/v1')
})

test('default_fallbacks are the fallbacks of every alias; settings of the router win', async () => {
  const { routing } = await read(
    `${minimal}litellm_settings: { num_retries: 1, default_fallbacks: [a] }\nrouter_settings: { num_retries: 0 }\n`,
  )
  expect(routing).toMatchObject({ numRetries: 0, fallbacks: [{ '*': ['a'] }] })
})

test('allowed_fails of 3 is the library value and counts as none', async () => {
  expect(
    (await read(`${minimal}router_settings: { allowed_fails: 3 }\n`)).routing.allowedFails,
  ).toBeUndefined()
  expect((await read(`${minimal}router_settings: { allowed_fails: 1 }\n`)).routing.allowedFails).toBe(1)
})

test('keys that the twin does not honour are named in one line', async () => {
  const lines: string[] = []
  await read(`${minimal}router_settings: { enable_tag_filtering: true }\nguardrails: []\n`, lines)
  expect(lines).toEqual([
    expect.stringMatching(
      /config\.yaml: the twin does not honour guardrails, router_settings\.enable_tag_filtering$/,
    ),
  ])
})

test.for([
  ['no YAML', 'a: [', /--config .*config\.yaml: .*; give a YAML file$/s],
  ['no model', 'model_list: []', /model_list: has no model; correct it$/],
  [
    'another provider',
    minimal.replace('openai/', 'azure/'),
    /litellm_params\.model: is no `openai\/<model>`/,
  ],
  [
    'a text for a number',
    `${minimal}router_settings: { num_retries: many }`,
    /router_settings\.num_retries: /,
  ],
  [
    'a strategy of its own',
    `${minimal}router_settings: { routing_strategy: latency-based-routing }`,
    /simple-shuffle/,
  ],
] as const)('%s is refused before anything starts', async ([, text, message]) => {
  await expect(read(text)).rejects.toMatchObject({
    code: 'bad-flag',
    message: expect.stringMatching(message),
  })
})

async function read(text: string, lines: string[] = []): Promise<GatewayConfig> {
  const folder = mkdtempSync(join(tmpdir(), 'litellm-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'config.yaml')
  writeFileSync(file, text)
  return configOf(await readConfigFile(file, (line) => lines.push(line)), () => undefined)
}
