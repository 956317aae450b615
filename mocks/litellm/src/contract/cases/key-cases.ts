/** Keys, in the order LiteLLM looks at them, without a database. */
import { type ContractCase, casesOn } from '../contract-case.ts'
import { question } from '../session.ts'

const keys: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no key': {},
  'a key without a scheme': { authorization: 'sk-squall-contract' },
  'a scheme without a key': { authorization: 'Bearer' },
  'a scheme nobody knows': { authorization: 'Token sk-squall-contract' },
  'a key that does not start with sk-': { authorization: 'Bearer hello-world' },
  'a wrong key': { authorization: 'Bearer sk-wrong' },
  'a key in lower-case bearer': { authorization: 'bearer sk-squall-contract' },
  'a key as basic': { authorization: 'Basic sk-squall-contract' },
  'the key in api-key': { 'api-key': 'sk-squall-contract' },
  'the key in x-api-key': { 'x-api-key': 'sk-squall-contract' },
  'the key in x-litellm-api-key': { 'x-litellm-api-key': 'sk-squall-contract' },
  'the key in x-litellm-api-key, bearer': { 'x-litellm-api-key': 'Bearer sk-squall-contract' },
}

const body = { model: 'squall-mock', messages: question }

const onEach = Object.entries(keys).flatMap(([name, headers]): [string, ContractCase['observe']][] => [
  [`${name}, GET`, ({ ask }) => ask('/v1/models', { keyless: true, headers })],
  [`${name}, POST`, ({ ask }) => ask('/v1/chat/completions', { keyless: true, headers, body })],
])

export const keyCases = casesOn('compose', {
  ...Object.fromEntries(onEach),
  'a broken body is answered before the key is looked at': async ({ ask }) => {
    const { status, body: answer } = await ask('/v1/chat/completions', { keyless: true, body: '{"model":' })
    // The words behind the colon are the parser's own.
    return { status, text: JSON.stringify(answer).replace(/(payload: )[^"]*/, '$1...') }
  },
  'virtual keys need a database': ({ post }) => post('/key/generate', {}),
})
