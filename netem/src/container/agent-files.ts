/**
 * The files of the agent's image, but for its base: the agent as one script, and koffi with its prebuilt library for
 * the engine's processor. Whoever has a base with Node 24 can build it: `ARG BASE_IMAGE` in its Dockerfile. The base
 * is not our business here; the harness has one of its own.
 */
import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf, NetemError } from '../errors.ts'

/** Path in the build context → content. */
export type ImageFiles = Readonly<Record<string, string | Buffer>>

const source = fileURLToPath(new URL('..', import.meta.url))
/** In the published package, whose sources are not there, the agent lies bundled beside us. */
const bundled = fileURLToPath(new URL('agent.mjs', import.meta.url))

const dockerfile = `# The agent of @squall/netem: runs beside a container, in its network namespace, and impairs it.
ARG BASE_IMAGE=node:24-bookworm-slim
FROM \${BASE_IMAGE}
LABEL dev.squall.image=netem
COPY netem/ /netem/
ENTRYPOINT ["node", "/netem/agent.mjs"]
`

/** Names of koffi's library by the engine's name of a processor. */
const koffiPackages: Readonly<Record<string, string>> = {
  x86_64: 'koffi-linux-x64',
  amd64: 'koffi-linux-x64',
  aarch64: 'koffi-linux-arm64',
  arm64: 'koffi-linux-arm64',
}

/**
 * Changes with everything the files are made of, and costs no bundling: a name for the image to be looked for.
 * @param basis what else it is made of, e.g. the base
 */
export async function agentHash(basis: string): Promise<string> {
  const hash = createHash('sha256').update(`${dockerfile}\0${basis}\0`)
  if (existsSync(bundled)) hash.update(await readFile(bundled))
  else for (const file of sources()) hash.update(`${file}\0`).update(await readFile(path.join(source, file)))
  hash.update(await readFile(path.join(await koffiFolder(), 'package.json')))
  return hash.digest('hex').slice(0, 12)
}

function sources(): string[] {
  const files = globSync('**/*.ts', { cwd: source }).toSorted()
  return files.filter((file) => !file.endsWith('.test.ts') && !file.startsWith('testing/'))
}

/** @param architecture as the engine names it: x86_64, aarch64. @throws NetemError `no-image` */
export async function agentFiles(architecture: string): Promise<ImageFiles> {
  const [script, koffi] = await Promise.all([bundleAgent(), koffiFiles(architecture)])
  return { Dockerfile: dockerfile, 'netem/agent.mjs': script, ...koffi }
}

async function bundleAgent(): Promise<string> {
  if (existsSync(bundled)) return await readFile(bundled, 'utf8')
  // Loaded here only: 20 MB of native code that the usual start does not need.
  const { rolldown } = await import('rolldown')
  try {
    await using bundle = await rolldown({
      input: path.join(source, 'agent/main.ts'),
      platform: 'node',
      external: ['koffi'],
      logLevel: 'silent',
    })
    const { output } = await bundle.generate({ format: 'esm', codeSplitting: false })
    return output[0].code
  } catch (cause) {
    throw new NetemError('no-image', `Cannot bundle the agent: ${messageOf(cause)}; correct netem/src`, {
      cause,
    })
  }
}

/** Only what is loaded at run time: not its C++ sources, not its documentation. */
async function koffiFiles(architecture: string): Promise<ImageFiles> {
  const koffi = await koffiFolder()
  const name = koffiPackages[architecture]
  const library = path.join(koffi, '..', '@koromix', name ?? '')
  const files = await Promise.all([
    filesOf(koffi, ['package.json', 'index.js', ...globSync('src/**/*.js', { cwd: koffi })], 'koffi'),
    filesOf(library, globSync('**/*.{js,json,node}', { cwd: library }), `@koromix/${name}`),
  ])
  if (name !== undefined && Object.keys(files[1]).length > 0) return { ...files[0], ...files[1] }
  throw new NetemError(
    'no-image',
    `Cannot make the agent's image: koffi's library for ${architecture} is not installed here; ` +
      'use an engine on a processor like that of this machine',
  )
}

async function koffiFolder(): Promise<string> {
  return path.dirname(await realpath(fileURLToPath(import.meta.resolve('koffi'))))
}

async function filesOf(folder: string, files: readonly string[], name: string): Promise<ImageFiles> {
  const entries = files.map(
    async (file) => [`netem/node_modules/${name}/${file}`, await readFile(path.join(folder, file))] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}
