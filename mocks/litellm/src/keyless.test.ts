/** The twin with nothing configured: no key, no upstream. */
import { tmpdir } from 'node:os'
import { startTwin } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { liteLlmTwin } from './twin.ts'

test('without a master key nobody needs one; without an upstream only mock models answer', async () => {
  await using twin = await startTwin({ ...liteLlmTwin, dataFolder: tmpdir() })
  expect((await fetch(`${twin.url}/v1/models`)).status).toBe(200)
  expect((await ask(twin.url, 'squall-text')).status).toBe(500)
  expect(await (await ask(twin.url, 'squall-mock')).json()).toMatchObject({ model: 'squall-mock' })
  expect(twin.journal.map((line) => line.event)).toEqual([
    'job-accepted',
    'job-started',
    'output',
    'job-finished',
  ])
})

function ask(url: string, model: string): Promise<Response> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] })
  return fetch(`${url}/v1/chat/completions`, { method: 'POST', body })
}
