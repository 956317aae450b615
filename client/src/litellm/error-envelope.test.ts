import { expect, test } from 'vitest'
import { litellmError } from './error-envelope.ts'

const answer = (status: number, body: unknown, headers = {}) => ({
  status,
  headers,
  bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})
const envelope = { error: { message: 'Rate limit exceeded', type: 'None', param: 'None', code: '429' } }

test.each([
  [429, 'rate-limit'],
  [400, 'validation'],
  [401, 'validation'],
  [408, 'timeout'],
  [500, 'server'],
  [503, 'server'],
])('%d is "%s"', (status, errorClass) => {
  expect(litellmError(answer(status, envelope))).toMatchObject({ errorClass, code: `http-${status}` })
})

test('Retry-After in seconds becomes milliseconds', () => {
  const error = litellmError(answer(429, envelope, { 'retry-after': '1.5' }))
  expect(error).toMatchObject({ retryAfterMs: 1_500 })
  expect(error.message).toContain('Rate limit exceeded')
  expect(litellmError(answer(429, envelope)).retryAfterMs).toBeUndefined()
})

test("FastAPI's own errors and the HTML of a proxy are understood", () => {
  expect(litellmError(answer(404, { detail: 'Not Found' })).message).toContain('Not Found')
  expect(litellmError(answer(502, '<html>Bad Gateway</html>'))).toMatchObject({ errorClass: 'server' })
})
