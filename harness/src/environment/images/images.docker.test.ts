/** Images made for real, in the engine at hand. What a test makes it removes; bases are kept, as in a run. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import Docker from 'dockerode'
import { expect, onTestFinished, test } from 'vitest'
import { resolveImage } from './choose-image.ts'
import { describeImages } from './describe.ts'
import { imageId } from './engine-images.ts'
import { nodeBaseRecipe } from './host-node.ts'
import type { ImageError, ImageOptions } from './image.ts'
import { litellmImage } from './litellm-image.ts'
import { type ProgramImage, programImage } from './program-image.ts'
import { reaperImage, twinNames, twinsImage } from './twins-image.ts'

const docker = new Docker()

test('a base runs Node and resolves names', async () => {
  const base = await resolveImage(docker, await nodeBaseRecipe(docker), await freshOptions())
  const script =
    "require('dns').lookup('localhost', (error, address) => console.log(process.version, address))"
  expect(await runOnce(base.reference, ['node', '-e', script])).toMatch(/^v2\d\.\S+ (127\.0\.0\.1|::1)/)
})

test('an unchanged source is built once, a changed one is another image', async () => {
  const { image, options, change } = await demo()
  const first = await programImage(docker, image, options)
  onTestFinished(() => docker.getImage(first.reference).remove())
  expect(first.how).toBe('built')
  expect(await runOnce(first.reference, ['/app/demo.mjs'])).toBe('first 1000\n')
  expect(await programImage(docker, image, options)).toMatchObject({
    reference: first.reference,
    how: 'present',
  })
  await change("console.log('second', process.getuid())")
  const second = await programImage(docker, image, options)
  onTestFinished(() => docker.getImage(second.reference).remove())
  expect(second.reference).not.toBe(first.reference)
  expect(await runOnce(second.reference, ['/app/demo.mjs'])).toBe('second 1000\n')
})

test('a failing build is an error with its log, and leaves neither an image nor a container', async () => {
  const { image, options } = await demo()
  const dockerfile = `ARG BASE_IMAGE
FROM \${BASE_IMAGE}
LABEL dev.squall.image=twins
RUN ["node", "-e", "console.log('about to fail'); process.exit(3)"]
`
  const before = await docker.listContainers({ all: true })
  const failure = await programImage(docker, { ...image, dockerfile }, options).catch(
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({ code: 'image-failed', message: expect.stringContaining('about to fail') })
  expect((failure as ImageError).log).toContain('about to fail')
  const left = (await docker.listContainers({ all: true })).filter(
    (container) =>
      !before.some(({ Id }) => Id === container.Id) && container.Command.includes('about to fail'),
  )
  expect(left).toEqual([])
})

test('a Dockerfile that cannot be read is an error', async () => {
  const { image, options } = await demo()
  await expect(programImage(docker, { ...image, dockerfile: 'FORM node' }, options)).rejects.toMatchObject({
    code: 'image-failed',
    message: expect.stringMatching(/^Cannot build image twins: .*FORM/is),
  })
})

test('a base that is named but does not exist is an error that names it', async () => {
  const { image, options } = await demo()
  const env = { ...options.env, SQUALL_BASE_IMAGE: '127.0.0.1:1/no-such-image:1' }
  await expect(programImage(docker, image, { ...options, env })).rejects.toMatchObject({
    code: 'image-failed',
    message: expect.stringMatching(/127\.0\.0\.1:1\/no-such-image:1.*SQUALL_BASE_IMAGE/s),
  })
})

test('every twin runs from the image of twins', async () => {
  const { reference } = await twinsImage(docker, await freshOptions())
  for (const name of twinNames) {
    expect(await runOnce(reference, [`/app/${name}.mjs`, '--help'])).toContain(`twin-${name}`)
  }
})

test('the reaper image carries the label that testcontainers looks for', async () => {
  const { reference } = await reaperImage(docker, await freshOptions())
  const { Config } = await docker.getImage(reference).inspect()
  expect(Config.Labels).toMatchObject({ 'org.testcontainers.ryuk': 'true', 'dev.squall.image': 'reaper' })
})

test('a description names five images and makes none', async () => {
  const options = await freshOptions()
  const env = { ...options.env, SQUALL_LITELLM_IMAGE: '127.0.0.1:1/mine:1' }
  const described = await describeImages(docker, { ...options, env })
  expect(described.map(({ name }) => name)).toEqual(['base', 'twins', 'reaper', 'netem', 'litellm'])
  expect(described[4]).toMatchObject({ reference: '127.0.0.1:1/mine:1', how: 'named', present: false })
})

test('LiteLLM is there and is the real one', { timeout: 600_000 }, async () => {
  const { reference } = await litellmImage(docker, await freshOptions())
  expect(await imageId(docker, reference)).toBeDefined()
  expect(await runOnce(reference, ['--version'])).toMatch(/LiteLLM.*1\.\d+\.\d+/)
})

async function freshOptions(): Promise<ImageOptions> {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'squall-images-'))
  onTestFinished(() => rm(cacheFolder, { recursive: true, force: true }))
  return { env: process.env, cacheFolder, onProgress: () => undefined }
}

/** A program of one line, for an image like that of the twins. */
async function demo(): Promise<{
  image: ProgramImage
  options: ImageOptions
  change: (text: string) => Promise<void>
}> {
  const options = await freshOptions()
  const main = join(options.cacheFolder, 'main.ts')
  const change = (text: string): Promise<void> => writeFile(main, `${text} // ${options.cacheFolder}\n`)
  await change("console.log('first', process.getuid())")
  return { image: { name: 'twins', programs: { demo: main } }, options, change }
}

/** Output of a container that ends by itself. */
async function runOnce(image: string, command: string[]): Promise<string> {
  const output = new PassThrough()
  const chunks: Buffer[] = []
  output.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [, container] = (await docker.run(image, command, [output, output], {
    HostConfig: { NetworkMode: 'none' },
    Tty: false,
  })) as [unknown, Docker.Container]
  await container.remove()
  return Buffer.concat(chunks).toString()
}
