import { expect, test } from 'vitest'
import { type Route, router } from './router.ts'
import { startTwin } from './start-twin.ts'

const echo: Route['handle'] = ({ response, params, query }) =>
  void response.end(JSON.stringify({ params, query: Object.fromEntries(query) }))

async function startEcho() {
  const routes: Route[] = [
    { method: 'GET', path: '/history', handle: echo },
    { method: 'GET', path: '/files/:name', handle: echo },
    { method: 'DELETE', path: '/files/:name', handle: echo },
  ]
  return startTwin({
    name: 'echo',
    dataFolder: '.',
    create: (context) => ({
      handle: router(context, routes, (_request, response, allowed) => {
        response.writeHead(allowed.length === 0 ? 404 : 405, { allow: allowed.join(', ') }).end()
      }),
    }),
  })
}

test('parameters are decoded and an encoded slash stays inside its segment', async () => {
  await using twin = await startEcho()
  const answer = await fetch(`${twin.url}/files/a%2Fb%20c?x=1`)
  expect(await answer.json()).toEqual({ params: { name: 'a/b c' }, query: { x: '1' } })
})

test('the fallback learns whether the path or only the method is unknown', async () => {
  await using twin = await startEcho()
  expect((await fetch(`${twin.url}/nothing`)).status).toBe(404)
  expect((await fetch(`${twin.url}/history/`)).status).toBe(404)
  expect((await fetch(`${twin.url}/%zz`)).status).toBe(404)
  const wrongMethod = await fetch(`${twin.url}/files/a`, { method: 'POST' })
  expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'GET, DELETE'])
})
