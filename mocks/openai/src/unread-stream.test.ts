/** A client that asks for a long stream and never reads: the twin waits for it instead of filling its memory. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { createClock, startTwin } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { openAiTwin } from './twin.ts'

/** About 12 MB of chunks, made without waiting: more than the sockets of a connection buffer. */
const tokens = 50_000
/** Several times what the twin needs for them when somebody reads. */
const patienceMs = 6000

test('a stream goes no faster than its reader', async () => {
  await using twin = await startTwin({
    ...openAiTwin,
    dataFolder: tmpdir(),
    timeScale: 0,
    flags: { tokens: `${tokens}` },
  })
  const body = JSON.stringify({
    model: 'squall-chat-1',
    stream: true,
    messages: [{ role: 'user', content: 'hi' }],
  })
  const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: twin\r\nConnection: close\r\n`
  const socket = connect(twin.port, '127.0.0.1')
  socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`)
  await once(socket, 'readable')
  const isFinished = (): boolean => twin.journal.some((line) => line.event === 'job-finished')
  await createClock(1).waitReal(patienceMs)
  expect(isFinished()).toBe(false)
  socket.resume()
  await once(socket, 'close')
  expect(isFinished()).toBe(true)
})
