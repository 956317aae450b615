/** Bodies and headers that nobody should send. */
import { casesOn } from '../contract-case.ts'

const chat = '/v1/chat/completions'
const nested = (depth: number): string =>
  `{"model":"squall-mock","messages":[{"role":"user","content":"x"}],"x":${'['.repeat(depth)}${']'.repeat(depth)}}`
const ok = { model: 'squall-mock', messages: [{ role: 'user', content: 'x' }] }

export const bodyCases = casesOn('compose', {
  'an empty body': ({ post }) => post(chat, ''),
  'a JSON list': ({ post }) => post(chat, '[1]'),
  'a JSON text': ({ post }) => post(chat, '"x"'),
  'JSON null': ({ post }) => post(chat, 'null'),
  'a JSON number': ({ post }) => post(chat, '5'),
  'nested 500 deep': ({ post }) => post(chat, nested(500)),
  'nested 5000 deep counts as nothing': ({ post }) => post(chat, nested(5000)),
  'a form': ({ post }) =>
    post(chat, 'model=squall-mock', { 'content-type': 'application/x-www-form-urlencoded' }),
  'no content type': ({ post }) => post(chat, JSON.stringify(ok), { 'content-type': 'text/plain' }),
  'a megabyte of text': ({ post }) =>
    post(chat, { ...ok, messages: [{ role: 'user', content: 'x'.repeat(1e6) }] }),
  'a key twice': ({ post }) =>
    post(chat, '{"model":"nope","model":"squall-mock","messages":[{"role":"user","content":"x"}]}'),
  'messages missing': ({ post }) => post(chat, { model: 'squall-mock' }),
  'messages null': ({ post }) => post(chat, { model: 'squall-mock', messages: null }),
  'stream as a text': ({ post }) => post(chat, { ...ok, stream: 'true' }),
  'model missing': ({ post }) => post(chat, { messages: ok.messages }),
  'retries that are no number': ({ post }) => post(chat, ok, { 'x-litellm-num-retries': 'many' }),
  'a timeout that is no number': ({ post }) => post(chat, ok, { 'x-litellm-timeout': 'soon' }),
  'prompt missing': ({ post }) => post('/v1/completions', { model: 'squall-mock' }),
  'input missing': ({ post }) => post('/v1/embeddings', { model: 'squall-embed' }),
  'an unknown path': ({ ask }) => ask('/nope'),
  'a wrong method': ({ ask }) => ask(chat),
  'a slash too many': ({ ask }) => ask('/v1/models/?x=1'),
  'HEAD of a health route': ({ ask }) => ask('/health/liveliness', { method: 'HEAD' }),
  'OPTIONS of chat': ({ ask }) => ask(chat, { method: 'OPTIONS' }),
})
