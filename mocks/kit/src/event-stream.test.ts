import { once } from 'node:events'
import { expect, test } from 'vitest'
import { type EventStream, openEventStream } from './event-stream.ts'
import { startTwin } from './start-twin.ts'

test('events arrive framed, and a client that leaves is noticed', async () => {
  const opened = Promise.withResolvers<EventStream>()
  await using twin = await startTwin({
    name: 'events',
    dataFolder: '.',
    create: () => ({
      handle: (_request, response) => {
        const stream = openEventStream(response)
        stream.send({ a: 1 })
        stream.sendRaw(': ping\n\n')
        opened.resolve(stream)
      },
    }),
  })
  const leaving = new AbortController()
  const answer = await fetch(twin.url, { signal: leaving.signal })
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let seen = ''
  while (!seen.endsWith('ping\n\n')) seen += (await reader?.read())?.value ?? '(ended)'
  expect(seen).toBe('data: {"a":1}\n\n: ping\n\n')
  const stream = await opened.promise
  expect(stream.closed.aborted).toBe(false)
  const noticed = once(stream.closed, 'abort')
  leaving.abort()
  await noticed
  stream.send('too late')
})
