/**
 * The smallest base that runs Node, made of what this process itself runs on: its executable and the shared
 * libraries it is linked to. For machines without a registry; takes about a second. There is no shell in it.
 * Knowingly missing: hosts that are not Linux, or not of the engine's architecture (they are told so).
 */
import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import type Docker from 'dockerode'
import { pack } from 'tar-stream'
import { checkArchitecture } from './architecture.ts'
import type { ImageRecipe } from './choose-image.ts'
import { contentHash } from './content-hash.ts'
import { importImage } from './engine-images.ts'
import { userFiles } from './user-files.ts'

const run = promisify(execFile)
const advice = 'set SQUALL_BASE_IMAGE to an image with Node 24, or use SQUALL_ENGINE=process'

/** Base of the twins and of the reaper. */
export async function nodeBaseRecipe(docker: Docker): Promise<ImageRecipe> {
  const binary = await stat(process.execPath)
  // Not its path or time: every checkout brings a copy of the same binary, and they share the image.
  const identity = `${process.version} ${process.arch} ${binary.size}`
  const reference = `squall-base:node-${process.versions.node}-${contentHash({ identity })}`
  return {
    variable: 'SQUALL_BASE_IMAGE',
    published: 'node:24-bookworm-slim',
    local: reference,
    progress: "making the base image from this machine's Node (about 2 s, once)",
    source: `this machine's Node ${process.versions.node}`,
    make: async () => {
      await checkArchitecture(docker, 'base', advice)
      const tar = await hostNodeTar()
      await importImage(docker, {
        name: 'base',
        reference,
        tar,
        changes: ['ENV PATH=/usr/local/bin'],
        advice,
      })
    },
  }
}

async function hostNodeTar(): Promise<Readable> {
  const archive = pack()
  const entries: [string, Buffer, number][] = [
    ['usr/local/bin/node', await readFile(process.execPath), 0o755],
  ]
  for (const library of await librariesOf(process.execPath)) {
    entries.push([library.slice(1), await readFile(library), 0o755])
  }
  for (const [name, content] of Object.entries(userFiles)) entries.push([name, Buffer.from(content), 0o644])
  archive.entry({ name: 'tmp/', type: 'directory', mode: 0o1777 })
  for (const [name, content, mode] of entries) archive.entry({ name, mode }, content)
  archive.finalize()
  return Readable.from(archive)
}

/** Absolute paths, as the dynamic loader will look for them: `/lib64/ld-linux-x86-64.so.2` and the like. */
async function librariesOf(program: string): Promise<string[]> {
  // A static program makes ldd fail; it then needs none.
  const { stdout } = await run('ldd', [program]).catch(() => ({ stdout: '' }))
  const linked = [...stdout.matchAll(/(?:=>\s+)?(\/\S+)\s+\(0x/g)].flatMap((match) => match[1] ?? [])
  // Name resolution of older C libraries is loaded by name at run time, so ldd does not list it.
  const libc = linked.find((path) => path.endsWith('/libc.so.6'))
  const late = libc
    ? ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'].map((name) => join(libc, '..', name))
    : []
  const found = await Promise.all(
    late.map((path) =>
      stat(path).then(
        () => path,
        () => undefined,
      ),
    ),
  )
  return [...new Set([...linked, ...found.filter((path) => path !== undefined)])]
}
