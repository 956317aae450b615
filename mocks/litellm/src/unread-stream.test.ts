/** A client that asks for a long stream and never reads: the gateway stops reading the upstream, as LiteLLM does. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { startTwin } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { upstreamMain } from './contract/gateway.ts'
import { startProgram } from './contract/program.ts'
import { liteLlmTwin } from './twin.ts'

/** About 50 MB of chunks, made without waiting: far more than the sockets of both connections buffer. */
const tokens = 200_000

test('the upstream goes no faster than the reader of the gateway', async () => {
  const flags = ['--time-scale', '0', '--tokens', `${tokens}`]
  await using upstream = await startProgram({ main: upstreamMain, flags })
  await using twin = await startTwin({
    ...liteLlmTwin,
    dataFolder: tmpdir(),
    flags: { upstream: `${upstream.url}/v1` },
  })
  const body = JSON.stringify({
    model: 'squall-text',
    stream: true,
    messages: [{ role: 'user', content: 'hi' }],
  })
  const socket = connect(twin.port, '127.0.0.1')
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: twin\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  await once(socket, 'readable')
  const isFinished = (): boolean => upstream.journal.some((line) => line.event === 'job-finished')
  for (let call = 0; call < 100; call++) await fetch(`${twin.url}/v1/models`)
  await upstream.heal()
  expect(isFinished()).toBe(false)
  socket.destroy()
  await expect.poll(isFinished, { timeout: 5000 }).toBe(true)
})
