/**
 * Removal by label, over a real socket: a small server plays the part of the Docker API, including the moods of a
 * real one (busy at first, a network that is in use, things that appear late).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { askOverSocket, dockerObjectsOver } from './docker-socket.ts'
import { removeLabelled } from './remove-labelled.ts'

type Thing = { kind: 'containers' | 'networks' | 'volumes'; id: string; label: string; busyTimes?: number }

/** An engine that holds these things. */
async function engineWith(
  things: Thing[],
): Promise<AsyncDisposable & { socketPath: string; asked: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'squall-engine-'))
  const socketPath = join(folder, 'docker.sock')
  const asked: string[] = []
  const list = (kind: string, label: string, response: ServerResponse): void => {
    const rows = things
      .filter((thing) => thing.kind === kind && thing.label === label)
      .map(({ id }) =>
        kind === 'volumes' ? { Name: id, Labels: null } : { Id: id, Name: id, Names: [`/${id}`] },
      )
    response.end(JSON.stringify(kind === 'volumes' ? { Volumes: rows } : rows))
  }
  const remove = (kind: string, id: string, response: ServerResponse): void => {
    const thing = things.find((candidate) => candidate.kind === kind && candidate.id === id)
    if (!thing) return void response.writeHead(404).end('{"message":"no such thing"}')
    if (thing.busyTimes) {
      thing.busyTimes--
      return void response.writeHead(409).end('{"message":"busy"}')
    }
    things.splice(things.indexOf(thing), 1)
    response.writeHead(204).end()
  }
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://docker')
    const [kind = '', id = ''] = pathname.slice(1).split('/')
    asked.push(`${request.method} ${pathname}`)
    if (request.method === 'DELETE') return remove(kind, decodeURIComponent(id), response)
    list(kind, (JSON.parse(searchParams.get('filters') ?? '') as { label: string[] }).label.join(), response)
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const close = async (): Promise<void> => {
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true })
  }
  return { socketPath, asked, [Symbol.asyncDispose]: close }
}

const removal = (socketPath: string, budgetMs = 10_000): Parameters<typeof removeLabelled>[0] => ({
  objects: dockerObjectsOver(askOverSocket(socketPath)),
  filters: [['run=1'], ['run=2']],
  spare: ({ name }) => name === 'reaper',
  budgetMs,
})

test('everything that matches goes, containers before what they use, the rest stays', async () => {
  const things: Thing[] = [
    { kind: 'networks', id: 'net', label: 'run=1' },
    { kind: 'volumes', id: 'vol', label: 'run=2' },
    { kind: 'containers', id: 'one', label: 'run=1' },
    { kind: 'containers', id: 'two', label: 'run=2' },
    { kind: 'containers', id: 'reaper', label: 'run=1' },
    { kind: 'containers', id: 'foreign', label: 'run=3' },
  ]
  await using engine = await engineWith(things)
  const { removed, left } = await removeLabelled(removal(engine.socketPath))
  expect(left).toEqual([])
  expect(removed.map(({ name }) => name).toSorted()).toEqual(['net', 'one', 'two', 'vol'])
  expect(things.map(({ id }) => id)).toEqual(['reaper', 'foreign'])
  const order = engine.asked.filter((line) => line.startsWith('DELETE'))
  expect(order.slice(0, 2).toSorted()).toEqual(['DELETE /containers/one', 'DELETE /containers/two'])
})

test('what is busy is tried again', async () => {
  const things: Thing[] = [{ kind: 'containers', id: 'slow', label: 'run=1', busyTimes: 3 }]
  await using engine = await engineWith(things)
  const { removed, left } = await removeLabelled(removal(engine.socketPath))
  expect([removed.length, left.length, things.length]).toEqual([1, 0, 0])
})

test('what cannot be removed is told, with the reason', async () => {
  await using engine = await engineWith([
    { kind: 'networks', id: 'stuck', label: 'run=1', busyTimes: Number.POSITIVE_INFINITY },
  ])
  const { left, lastError } = await removeLabelled(removal(engine.socketPath, 50))
  expect(left).toMatchObject([{ kind: 'network', name: 'stuck' }])
  expect(lastError).toBe('remove network stuck: HTTP 409: {"message":"busy"}')
})

test('what appears after the first look goes too', async () => {
  const things: Thing[] = []
  await using engine = await engineWith(things)
  const removing = removeLabelled(removal(engine.socketPath))
  things.push({ kind: 'containers', id: 'late', label: 'run=1' })
  expect((await removing).removed.map(({ name }) => name)).toEqual(['late'])
})

test('an engine that does not answer is an error, not an empty one', async () => {
  const { lastError } = await removeLabelled(removal('/nonexistent/docker.sock', 50))
  expect(lastError).toContain('ENOENT')
})
