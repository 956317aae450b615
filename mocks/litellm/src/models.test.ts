/** The twin's models are those of the real proxy's configuration. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { apiBase, findModel, modelId, models, upstreamModel } from './models.ts'

const config = readFileSync(join(import.meta.dirname, '../../../compose/litellm/config.yaml'), 'utf8')

test('models are those of compose/litellm/config.yaml, in order, with targets and mock answers', () => {
  const listed = config.split('- model_name: ').slice(1)
  const parsed = listed.map((text) => ({
    alias: text.split('\n')[0],
    target: /^ +model: (.*)$/m.exec(text)?.[1],
    mock: /^ +mock_response: (.*)$/m.exec(text)?.[1],
    mode: /^ +mode: (.*)$/m.exec(text)?.[1],
    upstream: text.includes('api_base: os.environ/SQUALL_UPSTREAM_URL'),
  }))
  const built = models.map(({ alias, target, answer, mode }) => ({
    alias,
    target,
    mock: answer.kind === 'upstream' ? undefined : answer.text,
    mode,
    upstream: answer.kind === 'upstream',
  }))
  expect(built).toEqual(parsed)
})

test('modelId is stable and differs between models', () => {
  const ids = models.map(modelId)
  expect(new Set(ids).size).toBe(models.length)
  expect(ids).toEqual(models.map(modelId))
})

test('upstreamModel and apiBase tell where a call goes', () => {
  const model = findModel('squall-text')
  if (model === undefined) throw new Error('squall-text is gone')
  expect(upstreamModel(model)).toBe('squall-chat-1')
  expect(apiBase(model, 'http://127.0.0.1:8001/v1')).toBe('http://127.0.0.1:8001/v1')
  expect(apiBase(model, undefined)).toBe('https://api.openai.com')
})
