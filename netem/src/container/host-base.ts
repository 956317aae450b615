/**
 * A base for the agent's image out of what this machine runs on: Node, and tc and ip where they are installed (the
 * kernel rung needs them), with the shared libraries they are linked to. For machines without a registry; no shell is
 * in it.
 */
import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { ImageFiles } from './agent-files.ts'

const run = promisify(execFile)

/** Where iproute2 puts its programs; its tables of distributions stand in a folder `tc`. */
const programFolders = ['/usr/sbin', '/sbin', '/usr/bin', '/bin']
const tables = ['/usr/lib/tc/*.dist', '/usr/lib/*/tc/*.dist']

/** Names the base by what is in it; paths of Node do not matter. */
export async function hostIdentity(): Promise<string> {
  const { node, others } = programs()
  const sizes = await Promise.all([node, ...others].map(async (file) => (await stat(file)).size))
  return `${process.version} ${process.arch} ${sizes.join(' ')}`
}

/** Path in the root of the image → content. */
export async function hostRootFiles(): Promise<ImageFiles> {
  const { node, others } = programs()
  const libraries = (await Promise.all([node, ...others].map(librariesOf))).flat()
  const places: Readonly<Record<string, string>> = Object.fromEntries([
    ['usr/local/bin/node', node],
    ...others.map((file) => [`usr/local/bin/${path.basename(file)}`, file]),
    ...[...libraries, ...globSync(tables)].map((file) => [file.slice(1), file]),
  ])
  const read = Object.entries(places).map(async ([name, from]) => [name, await readFile(from)] as const)
  return Object.fromEntries(await Promise.all(read))
}

function programs(): { readonly node: string; readonly others: readonly string[] } {
  const others = ['tc', 'ip'].flatMap(
    (name) => globSync(programFolders.map((folder) => `${folder}/${name}`))[0] ?? [],
  )
  return { node: process.execPath, others }
}

/** Absolute paths, as the dynamic loader will look for them. A static program has none and makes ldd fail. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]).catch(() => ({ stdout: '' }))
  return [...stdout.matchAll(/(?:=>\s+)?(\/\S+)\s+\(0x/g)].flatMap((match) => match[1] ?? [])
}
