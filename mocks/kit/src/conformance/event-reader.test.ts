/** Events as they come over the wire, cut anywhere, and the two ways in which a stream can end. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openEvents, readUntil } from './event-reader.ts'

async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('events are put together again, whatever the pieces and the line ends', async () => {
  const bytes = Buffer.from(
    'event: a\r\ndata: {"x":"ü"}\r\n\r\ndata: one\ndata: two\n\n: a comment\n\ndata:3\n\n',
  )
  const url = await serve((response) => {
    for (const byte of bytes) response.write(Buffer.of(byte))
    response.end()
  })
  using reader = await openEvents(url, { path: '/' })
  expect(await reader.next()).toEqual({ event: 'a', data: '{"x":"ü"}' })
  expect(await reader.next()).toEqual({ event: undefined, data: 'one\ntwo' })
  expect(await readUntil(reader, ({ data }) => data === '3')).toHaveLength(2)
  expect(await reader.next()).toBe('closed')
})

test('a broken connection is not a proper end', async () => {
  const url = await serve((response) => {
    response.write('data: 1\n\n')
    response.socket?.destroySoon()
  })
  using reader = await openEvents(url, { path: '/' })
  await expect(readUntil(reader, ({ data }) => data === '2')).rejects.toThrow(
    'stream: expected another event, got broken after 1 events, the last: 1',
  )
})

test('silence has a limit', async () => {
  const url = await serve(() => undefined)
  using reader = await openEvents(url, { path: '/' })
  await expect(reader.next(30)).rejects.toThrow(
    'next event of the stream: expected an end within 30 ms, got none',
  )
})
