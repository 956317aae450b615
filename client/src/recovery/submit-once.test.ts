import { expect, test } from 'vitest'
import { defaultLimits } from '../limits.ts'
import { Http } from '../transport/http.ts'
import { Measurements } from '../transport/measurements.ts'
import { seededRandom } from '../transport/random.ts'
import { testServer } from '../transport/test-server.ts'
import { retrying } from './retry.ts'
import { submitOnce } from './submit-once.ts'

const limits = { ...defaultLimits, retryMsFirst: 5, retryMsMax: 20 }

/** A server that takes jobs by `POST /jobs`, tells them by `GET /jobs`, and breaks the first connections. */
async function submitTo(breakFirst: 'before taking' | 'after taking') {
  const taken: string[] = []
  let posts = 0
  await using server = await testServer((request, response) => {
    if (request.method === 'GET') return response.end(JSON.stringify(taken))
    posts += 1
    if (posts === 1 && breakFirst === 'before taking') return request.socket.destroy()
    taken.push('a')
    return posts === 1 ? request.socket.destroy() : response.end('a')
  })
  await using http = new Http({
    baseUrl: server.url,
    limits,
    measurements: new Measurements(),
  })
  const retry = retrying({ limits, random: seededRandom(1), onRetry: () => {} })
  const receipt = await submitOnce(retry, {
    what: 'submit',
    deadlineMs: 2_000,
    signal: new AbortController().signal,
    send: async (signal) => {
      const { bytes } = await http.call({ method: 'POST', path: '/jobs', json: {}, signal })
      return Buffer.from(bytes).toString()
    },
    lookUp: async (signal) => {
      const { bytes } = await http.call({ method: 'GET', path: '/jobs', signal })
      return (JSON.parse(Buffer.from(bytes).toString()) as string[])[0]
    },
  })
  return { receipt, posts, taken }
}

test('a job whose answer was lost is found, not sent again', async () => {
  expect(await submitTo('after taking')).toEqual({ receipt: 'a', posts: 1, taken: ['a'] })
})

test('a job that never arrived is sent again', async () => {
  expect(await submitTo('before taking')).toEqual({ receipt: 'a', posts: 2, taken: ['a'] })
})
