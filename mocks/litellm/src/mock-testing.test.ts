/** `mock_*` fields of a request body, release by release (litellm.md, 3.2); 1.101 is also in the contract. */
import { tmpdir } from 'node:os'
import { startTwin } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { liteLlmTwin } from './twin.ts'

const mine = 'mine'
const own = 'Squall is a sudden gust of wind.'

test.for([
  ['1.83', { mock_response: mine }, 200, mine],
  ['1.83', { mock_testing_fallbacks: true }, 500, 'to trigger a fallback'],
  ['1.83', { mock_response: 'litellm.RateLimitError' }, 429, 'mock rate limit error'],
  ['1.95', { mock_response: mine }, 200, own],
  ['1.95', { mock_testing_fallbacks: true }, 200, own],
  ['1.95', { mock_timeout: true, timeout: 0.05 }, 408, 'This is a mock timeout error'],
  ['1.101', { mock_response: mine }, 200, own],
  ['1.101', { mock_timeout: true }, 400, 'Mock testing request params are disabled'],
] as const)('%s with %j answers %d', async ([release, fields, status, text]) => {
  await using twin = await startTwin({ ...liteLlmTwin, dataFolder: tmpdir(), flags: { release } })
  const messages = [{ role: 'user', content: 'hi' }]
  const response = await fetch(`${twin.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'squall-mock', messages, ...fields }),
  })
  expect(response.status).toBe(status)
  expect(await response.text()).toContain(text)
})

test('an unknown release is refused', async () => {
  const started = startTwin({ ...liteLlmTwin, dataFolder: tmpdir(), flags: { release: '0.9' } })
  await expect(started).rejects.toMatchObject({ code: 'bad-flag' })
})
