/** Images that nobody uses any more, in the engine at hand. They are of a kind of their own, and small. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Docker from 'dockerode'
import { pack } from 'tar-stream'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { sleep } from '../clock.ts'
import { noteUse, pruneImages } from './old-images.ts'

const docker = new Docker()

describe('images that nobody has used for long', () => {
  /** Of this test alone. */
  let kind = ''
  beforeEach(() => {
    kind = `test-${randomUUID().slice(0, 8)}`
  })

  /** An image without layers in common with any other. */
  async function made(tag: string, { labelled = kind, repository = `squall-${kind}` } = {}): Promise<string> {
    const archive = pack()
    archive.entry({ name: 'what' }, randomUUID())
    archive.finalize()
    const changes = [`LABEL dev.squall.image=${labelled}`]
    // The types of tar-stream are those of another stream.
    const source = archive as unknown as NodeJS.ReadableStream
    const stream = await docker.importImage(source, { repo: repository, tag, changes })
    await new Promise((resolve) => docker.modem.followProgress(stream, resolve))
    const reference = `${repository}:${tag}`
    onTestFinished(() =>
      docker
        .getImage(reference)
        .remove()
        .catch(() => undefined),
    )
    return reference
  }
  const isThere = (reference: string): Promise<boolean> =>
    docker
      .getImage(reference)
      .inspect()
      .then(
        () => true,
        () => false,
      )
  const unnamed = async (): Promise<string[]> =>
    (await docker.listImages({ filters: JSON.stringify({ dangling: ['true'] }) })).map(({ Id }) => Id)
  /** A busy engine takes a while between the note of a use and the look at it. */
  const unusedMs = 3000

  test('go; what is used, and the current one, stay', async () => {
    const [old, used, current] = [await made('old'), await made('used'), await made('current')]
    const before = await unnamed()
    await sleep(1.2 * unusedMs)
    // Another checkout takes it up again.
    expect(await noteUse(docker, used)).toBe(true)
    expect(await pruneImages(docker, { kind, current, unusedMs })).toEqual([old])
    expect([await isThere(old), await isThere(used), await isThere(current)]).toEqual([false, true, true])
    expect(await noteUse(docker, old)).toBe(false)
    // The proof of a clean state lists images without a name.
    expect(await unnamed()).toEqual(before)
  })

  test('stay where a container is made from them, and where a week is not over', async () => {
    const [held, current] = [await made('held'), await made('current')]
    const container = await docker.createContainer({ Image: held, Cmd: ['/what'] })
    onTestFinished(() => container.remove({ force: true }).catch(() => undefined))
    await sleep(1.2 * unusedMs)
    expect(await pruneImages(docker, { kind, current, unusedMs })).toEqual([])
    await container.remove()
    expect(await pruneImages(docker, { kind, current })).toEqual([])
    expect(await isThere(held)).toBe(true)
    expect(await pruneImages(docker, { kind, current, unusedMs })).toEqual([held])
  })

  test('are left alone when they are another’s: by label, by name, or by a name beside ours', async () => {
    const current = await made('current')
    const stranger = await made('stranger', { labelled: 'somebody' })
    const named = await made('1', { repository: `mine-${kind}` })
    const both = await made('both')
    await docker.getImage(both).tag({ repo: `mine-${kind}`, tag: 'kept' })
    onTestFinished(() => docker.getImage(`mine-${kind}:kept`).remove())
    await sleep(1.2 * unusedMs)
    expect(await pruneImages(docker, { kind, current, unusedMs })).toEqual([])
    for (const reference of [stranger, named, both]) expect(await isThere(reference)).toBe(true)
  })

  test('stay, and nobody is stopped, when the engine has trouble', async () => {
    const server = createServer((_request, response) => response.writeHead(500).end('{"message":"trouble"}'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const troubled = new Docker({ host: '127.0.0.1', port })
    expect(await pruneImages(troubled, { kind, current: `squall-${kind}:1` })).toEqual([])
  })

  test('may be taken away by two at once', async () => {
    const current = await made('current')
    const old = await Promise.all(['1', '2', '3'].map((tag) => made(tag)))
    await sleep(1.2 * unusedMs)
    const options = { kind, current, unusedMs }
    const [one, other] = await Promise.all([pruneImages(docker, options), pruneImages(docker, options)])
    expect([...one, ...other].toSorted()).toEqual(old)
  })
})
