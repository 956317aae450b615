/** Models nobody has, parameters nobody takes, and how the openai package sees them. */
import { APIError } from 'openai'
import { casesOn } from '../contract-case.ts'
import { question } from '../session.ts'

async function thrown(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  if (!(error instanceof APIError)) return String(error)
  const { status, code, type } = error
  return { name: error.constructor.name, status, code, type }
}

export const refusalCases = casesOn('compose', {
  'chat with an unknown model': ({ chat }) => chat('nope', {}, { 'x-litellm-call-id': 'call-refused' }),
  'completions with an unknown model': ({ post }) => post('/v1/completions', { model: 'nope', prompt: 'x' }),
  'embeddings with an unknown model': ({ post }) => post('/v1/embeddings', { model: 'nope', input: 'x' }),
  'images with an unknown model': ({ post }) =>
    post('/v1/images/generations', { model: 'nope', prompt: 'x' }),
  'images without a model': ({ post }) => post('/v1/images/generations', { prompt: 'x' }),
  'images without a prompt': ({ post }) => post('/v1/images/generations', { model: 'squall-mock' }),
  'the openai package sees an unknown model': ({ client }) =>
    thrown(client.chat.completions.create({ model: 'nope', messages: question })),
  'the openai package sees a rate limit': ({ client }) =>
    thrown(client.chat.completions.create({ model: 'squall-429', messages: question })),
  'embeddings refuse dimensions by the name of the model': ({ post }) =>
    post('/v1/embeddings', { model: 'squall-embed', input: 'x', dimensions: 8 }),
  'a refusal of the upstream keeps its words and its parameter': ({ chat }) =>
    chat('squall-text', { messages: [] }),
})
