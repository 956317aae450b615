/** Whose turn it is among deployments of one alias. Cooldowns have tests of their own. */
import { seededRandom } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { configOf } from '../config/config.ts'
import type { DeploymentEntry } from '../config/schema.ts'
import { Cooldowns } from './cooldowns.ts'
import { ModelFailure } from './model-failure.ts'
import { Pool } from './pool.ts'

const goes = { kind: 'go' } as const

test('chance follows the weights', async () => {
  const pool = open([{ weight: 9 }, { weight: 1 }, { weight: 0 }])
  const counts = await chosen(pool, 1000)
  expect(counts['openai/0']).toBeGreaterThan(850)
  expect(counts['openai/1']).toBeGreaterThan(50)
  expect(counts['openai/2']).toBeUndefined()
})

test('without weights everybody has the same chance', async () => {
  const counts = await chosen(open([{}, {}]), 1000)
  expect(Math.abs((counts['openai/0'] ?? 0) - 500)).toBeLessThan(60)
})

test('only the lowest order is asked, until it cools; then the next', async () => {
  const pool = open([{ order: 2 }, { order: 1 }, {}])
  expect(await chosen(pool, 50)).toEqual({ 'openai/1': 50 })
  const failure = new ModelFailure({ name: 'AuthenticationError', status: 401, said: 'x', type: 'x' })
  failure.deployment = pool.of('a')[1]
  pool.noteFailure(failure)
  expect(await chosen(pool, 50)).toEqual({ 'openai/0': 50 })
  expect(pool.crowd('a')).toEqual({ all: 3, healthy: 2 })
})

test('an alias without deployments and one whose deployments all cool are told apart', async () => {
  const pool = open([{}])
  await expect(pool.choose('nope')).rejects.toMatchObject({ fields: { status: 400 } })
  const failure = new ModelFailure({ name: 'NotFoundError', status: 404, said: 'x', type: 'x' })
  failure.deployment = pool.of('a')[0]
  pool.noteFailure(failure)
  await expect(pool.choose('a')).rejects.toMatchObject({ fields: { status: 429 } })
})

function open(parameters: readonly Partial<DeploymentEntry['litellm_params']>[]): Pool {
  const models = parameters.map((more, index) => ({
    model_name: 'a',
    litellm_params: { model: `openai/${index}` as const, ...more },
  }))
  const { routing, deployments } = configOf({ model_list: models }, () => undefined)
  const cooldowns = new Cooldowns(routing, () => 1)
  const faults = { step: () => Promise.resolve(goes), decide: () => undefined }
  return new Pool(deployments, { cooldowns, faults, random: seededRandom(1) })
}

async function chosen(pool: Pool, times: number): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  for (let call = 0; call < times; call++) {
    const { target } = await pool.choose('a')
    counts[target] = (counts[target] ?? 0) + 1
  }
  return counts
}
