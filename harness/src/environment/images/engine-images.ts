/**
 * The image operations of the engine, with its errors made visible. Its API reports a failing build or pull as an
 * event inside a stream that ends well (seen with Engine 20.10 and dockerode 5), so every event is looked at.
 */
import type { Readable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import type Docker from 'dockerode'
import { withDeadline } from '../../support/deadline.ts'
import { codeOf, messageOf } from '../../support/errors.ts'
import { ImageError, imageLabel } from './image.ts'
import { packTar, type TarFiles } from './tar.ts'

/** A pull on a slow line is slow; one that takes longer than this is taken for dead, ms. */
const pullMsMax = 15 * 60_000

/** The id of an image, or undefined when the engine does not have it. */
export async function imageId(docker: Docker, reference: string): Promise<string | undefined> {
  try {
    return (await docker.getImage(reference).inspect()).Id
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}

/** @throws ImageError with what the engine said. */
export async function pullImage(docker: Docker, reference: string): Promise<void> {
  const failure = `Cannot pull image ${reference}`
  try {
    const said = await withDeadline(pullMsMax, `pull image ${reference}`, async () =>
      followEvents(docker, await docker.pull(reference)),
    )
    if (said.error !== undefined) throw new ImageError(`${failure}: ${said.error}`)
  } catch (error) {
    if (error instanceof ImageError) throw error
    throw new ImageError(`${failure}: ${messageOf(error)}`, { cause: error })
  }
}

export type BuildOptions = {
  /** What it is, for people and for the label. */
  readonly name: string
  readonly reference: string
  /** The build context; `Dockerfile` among it. */
  readonly files: TarFiles
  readonly args: Readonly<Record<string, string>>
  /** `host` lets the build use the machine's own way to the internet; default: none at all. */
  readonly network?: 'host' | 'none'
  /** What the user can do about a failure; completes the message. */
  readonly advice: string
}

/** @throws ImageError with the log of the build. The reference then keeps pointing to whatever it did before. */
export async function buildImage(docker: Docker, options: BuildOptions): Promise<void> {
  const failure = `Cannot build image ${options.name}`
  let said: Awaited<ReturnType<typeof followEvents>>
  try {
    // Never `pull`: it fails on a base that exists only here.
    const stream = await docker.buildImage(packTar(options.files), {
      t: options.reference,
      buildargs: options.args,
      networkmode: options.network ?? 'none',
      labels: { [imageLabel]: options.name },
      rm: true,
      forcerm: true,
    })
    said = await followEvents(docker, stream)
  } catch (error) {
    throw new ImageError(`${failure}: ${messageOf(error)}; ${options.advice}`, { cause: error })
  }
  if (said.error !== undefined) {
    const log = stripVTControlCharacters(said.log)
    throw new ImageError(`${failure}: ${said.error}; ${options.advice}`, { log })
  }
}

/**
 * Makes an image of one layer out of a file system.
 * @param changes Dockerfile instructions: `ENV PATH=/usr/bin`.
 * @throws ImageError
 */
export async function importImage(
  docker: Docker,
  options: {
    readonly name: string
    readonly reference: string
    readonly tar: Readable
    readonly changes: readonly string[]
    readonly advice: string
  },
): Promise<void> {
  const colon = options.reference.lastIndexOf(':')
  const failure = `Cannot import image ${options.name}`
  // A source that fails must end the request too; the engine then sees a cut archive and says so.
  let cause: unknown
  options.tar.on('error', (error) => {
    cause = error
  })
  try {
    const stream = await docker.importImage(options.tar, {
      repo: options.reference.slice(0, colon),
      tag: options.reference.slice(colon + 1),
      changes: [`LABEL ${imageLabel}=${options.name}`, ...options.changes],
    })
    const said = await followEvents(docker, stream)
    if (said.error !== undefined) throw new Error(said.error)
  } catch (error) {
    const reason = cause ?? error
    throw new ImageError(`${failure}: ${messageOf(reason)}; ${options.advice}`, { cause: reason })
  }
}

/** Removes images left without a name that carry our label with this value. In use or already gone: left alone. */
export async function removeUnnamed(docker: Docker, name: string): Promise<void> {
  const filters = { dangling: ['true'], label: [`${imageLabel}=${name}`] }
  for (const image of await docker.listImages({ filters: JSON.stringify(filters) })) {
    await docker
      .getImage(image.Id)
      .remove()
      .catch((error: unknown) => {
        if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
      })
  }
}

/** Reads an event stream to its end; `error` is the last event that carried one. */
async function followEvents(
  docker: Docker,
  stream: NodeJS.ReadableStream,
): Promise<{ readonly log: string; readonly error?: string }> {
  const lines: string[] = []
  let failed: string | undefined
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error: Error | null) => (error ? reject(error) : resolve()),
      (event: { readonly stream?: string; readonly status?: string; readonly error?: string }) => {
        if (event.stream !== undefined) lines.push(event.stream)
        if (event.error !== undefined) failed = event.error.trim()
      },
    )
  }).catch((error: unknown) => {
    if (codeOf(error) !== undefined) throw error
    failed ??= messageOf(error)
  })
  return failed === undefined ? { log: lines.join('') } : { log: lines.join(''), error: failed }
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined
  return typeof error.statusCode === 'number' ? error.statusCode : undefined
}
