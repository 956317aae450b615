/**
 * The agent's image in a container engine: there already, or built. Its base is what the caller names, else what
 * this machine runs on where that is Linux, else the published image of Node, which has no tc.
 */
import type { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { pack } from 'tar-stream'
import { messageOf, NetemError } from '../errors.ts'
import { agentFiles, agentHash, type ImageFiles } from './agent-files.ts'
import { hostIdentity, hostRootFiles } from './host-base.ts'
import { noteUse, pruneImages } from './old-images.ts'

export type AgentImageOptions = {
  /** An image with Node 24; wins over everything. */
  readonly base?: string | undefined
  /** How whoever asks can name it; for errors. */
  readonly baseOption?: string
  /** One line when something slow begins. */
  readonly onProgress: (line: string) => void
}

const publishedBase = 'node:24-bookworm-slim'

/** What the image is called, made or not. */
export async function agentReference(base?: string): Promise<string> {
  return `squall-netem:${await agentHash(await basisOf(base))}`
}

/** Reference of the image, present in the engine. @throws NetemError `no-image` or `no-engine` */
export async function agentImage(docker: Docker, options: AgentImageOptions): Promise<string> {
  const { base: named, baseOption = '--base' } = options
  const reference = await agentReference(named)
  if (await noteUse(docker, reference)) return reference
  const base = await basisOf(named)
  const advice = `name an image with Node 24 that the engine has, by ${baseOption}`
  options.onProgress('building the image of the agent (about 2 s, once)')
  const { Architecture: architecture } = (await docker.info()) as { Architecture: string }
  const files = await agentFiles(architecture)
  if (isOwnNode(named)) {
    const own = { ...files, ...onOwnNode(files, await hostRootFiles()) }
    await build(docker, reference, own, 'scratch', advice)
  } else {
    if (!(await isPresent(docker, base))) await pull(docker, base, advice)
    await build(docker, reference, files, base, advice)
  }
  await pruneImages(docker, { kind: 'netem', current: reference })
  return reference
}

/** What the image is made from: the base by its name, or what identifies this machine's Node. */
async function basisOf(named: string | undefined): Promise<string> {
  return named ?? (isOwnNode(named) ? await hostIdentity() : publishedBase)
}

function isOwnNode(named: string | undefined): boolean {
  return named === undefined && process.platform === 'linux'
}

/** The agent's Dockerfile, with the root of its base copied in first. */
function onOwnNode(files: ImageFiles, root: ImageFiles): ImageFiles {
  const dockerfile = String(files.Dockerfile)
    .replace(/^ARG.*\nFROM.*$/m, 'FROM scratch\nENV PATH=/usr/local/bin\nCOPY root/ /')
    .replace('["node"', '["/usr/local/bin/node"')
  const entries = Object.entries(root).map(([name, content]) => [`root/${name}`, content] as const)
  return { Dockerfile: dockerfile, ...Object.fromEntries(entries) }
}

/** The engine reports a failing build as an event in a stream that ends well, so every event is looked at. */
async function build(
  docker: Docker,
  reference: string,
  files: ImageFiles,
  base: string,
  advice: string,
): Promise<void> {
  const stream = await docker.buildImage(packTar(files), {
    t: reference,
    buildargs: { BASE_IMAGE: base },
    networkmode: 'none',
    rm: true,
    forcerm: true,
  })
  const error = await firstError(docker, stream as Readable)
  if (error !== undefined) {
    throw new NetemError('no-image', `Cannot build the agent's image on ${base}: ${error}; ${advice}`)
  }
}

async function pull(docker: Docker, base: string, advice: string): Promise<void> {
  try {
    const error = await firstError(docker, (await docker.pull(base)) as Readable)
    if (error === undefined) return
    throw new NetemError('no-image', `Cannot pull ${base}: ${error}; ${advice}`)
  } catch (cause) {
    if (cause instanceof NetemError) throw cause
    throw new NetemError('no-image', `Cannot pull ${base}: ${messageOf(cause)}; ${advice}`, { cause })
  }
}

async function firstError(docker: Docker, stream: Readable): Promise<string | undefined> {
  return await new Promise((resolve) => {
    let error: string | undefined
    docker.modem.followProgress(
      stream,
      (failure) => resolve(error ?? (failure === null ? undefined : messageOf(failure))),
      (event: { readonly error?: string }) => {
        error ??= event.error
      },
    )
  })
}

async function isPresent(docker: Docker, reference: string): Promise<boolean> {
  return await docker
    .getImage(reference)
    .inspect()
    .then(
      () => true,
      () => false,
    )
}

/** Node and its libraries have to be executable; for the rest it does no harm. */
function packTar(files: ImageFiles): Readable {
  const archive = pack()
  for (const [name, content] of Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    archive.entry({ name, mode: 0o755, mtime: new Date(0) }, content)
  }
  archive.finalize()
  return archive as unknown as Readable
}
