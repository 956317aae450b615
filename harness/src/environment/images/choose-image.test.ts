/** The order of choices, against a server that speaks the few routes of the engine's API that are needed. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Docker from 'dockerode'
import { expect, onTestFinished, test } from 'vitest'
import { type ImageRecipe, planImage, resolveImage } from './choose-image.ts'

type World = {
  /** References the engine has. */
  readonly engineHas?: readonly string[]
  readonly registry: 'answers' | 'refuses'
  /** What the engine's pull ends with, instead of success. */
  readonly pullError?: string
  readonly env?: Readonly<Record<string, string>>
}

test.each<[string, World, object]>([
  [
    'a named image',
    { registry: 'answers', env: { SQUALL_X_IMAGE: 'mine:1' }, engineHas: ['mine:1', 'made:1'] },
    { reference: 'mine:1', how: 'named' },
  ],
  [
    'a named image, fetched',
    { registry: 'answers', env: { SQUALL_X_IMAGE: 'mine:1' } },
    { reference: 'mine:1', how: 'named' },
  ],
  [
    'made here earlier, even where a registry answers',
    { registry: 'answers', engineHas: ['made:1'] },
    { reference: 'made:1', how: 'present' },
  ],
  ['pulled where a registry answers', { registry: 'answers' }, { reference: 'PUBLISHED', how: 'pulled' }],
  ['made where none answers', { registry: 'refuses' }, { reference: 'made:1', how: 'built' }],
  [
    'made where the pull fails',
    { registry: 'answers', pullError: 'manifest unknown' },
    { reference: 'made:1', how: 'built', detail: expect.stringContaining('manifest unknown') },
  ],
])('%s', async (_, world, expected) => {
  const { docker, recipe, options, published } = await build(world)
  const resolved = await resolveImage(docker, recipe, options)
  const wanted = JSON.parse(JSON.stringify(expected).replace('PUBLISHED', published)) as object
  expect(resolved).toMatchObject('detail' in expected ? expected : wanted)
})

test('published and in the engine already', async () => {
  const first = await build({ registry: 'refuses' })
  const { docker } = await build({ registry: 'refuses', engineHas: [first.published, 'made:1'] })
  const resolved = await resolveImage(docker, first.recipe, first.options)
  expect(resolved).toMatchObject({ reference: first.published, how: 'present' })
})

test('a named image that cannot be had is an error that names it and its variable', async () => {
  const world = { registry: 'answers', env: { SQUALL_X_IMAGE: 'mine:1' }, pullError: 'denied' } as const
  const { docker, recipe, options } = await build(world)
  await expect(resolveImage(docker, recipe, options)).rejects.toMatchObject({
    code: 'image-failed',
    message: expect.stringMatching(/^Cannot use image mine:1: .*denied.*SQUALL_X_IMAGE/s),
  })
})

test('a plan changes nothing', async () => {
  const { docker, recipe, options, calls } = await build({ registry: 'refuses' })
  expect(await planImage(docker, recipe, options)).toMatchObject({
    reference: 'made:1',
    how: 'built',
    present: false,
  })
  expect(calls.every((call) => call.startsWith('GET '))).toBe(true)
})

async function build(world: World) {
  const calls: string[] = []
  const has = new Set(world.engineHas)
  const engine = await listen((request, response) => {
    calls.push(`${request.method} ${request.url}`)
    const url = new URL(request.url ?? '', 'http://engine')
    const inspected = /^\/images\/(.+)\/json$/.exec(url.pathname)?.[1]
    if (inspected) {
      const present = has.has(decodeURIComponent(inspected))
      response
        .writeHead(present ? 200 : 404)
        .end(JSON.stringify(present ? { Id: `sha256:${inspected}` } : { message: 'no such image' }))
    } else
      response.end(`${JSON.stringify(world.pullError ? { error: world.pullError } : { status: 'done' })}\n`)
  })
  const registry = await listen((_, response) =>
    response.writeHead(world.registry === 'answers' ? 200 : 503).end(),
  )
  const published = `${registry}/published:1`
  const recipe: ImageRecipe = {
    variable: 'SQUALL_X_IMAGE',
    published,
    local: 'made:1',
    progress: 'making',
    source: 'nothing',
    make: async () => undefined,
  }
  const [host, port] = engine.split(':')
  const options = { env: world.env ?? {}, cacheFolder: '/nowhere', onProgress: () => undefined }
  return {
    docker: new Docker({ protocol: 'http', host: host ?? '', port: Number(port) }),
    recipe,
    options,
    published,
    calls,
  }
}

async function listen(handle: RequestListener): Promise<string> {
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
