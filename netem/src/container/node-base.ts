/**
 * A base for the agent's image out of what this process itself runs on: Node and the shared libraries it is linked
 * to. For machines without a registry; no shell is in it.
 */
import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { ImageFiles } from './agent-files.ts'

const run = promisify(execFile)

/** Names the base: its Node, whose path does not matter. */
export async function nodeIdentity(): Promise<string> {
  const { size } = await stat(process.execPath)
  return `${process.version} ${process.arch} ${size}`
}

/** Path in the root of the image → content. */
export async function nodeRootFiles(): Promise<ImageFiles> {
  const libraries = await librariesOf(process.execPath)
  const places: Readonly<Record<string, string>> = Object.fromEntries([
    ['usr/local/bin/node', process.execPath],
    ...libraries.map((library) => [library.slice(1), library]),
  ])
  const read = Object.entries(places).map(async ([name, from]) => [name, await readFile(from)] as const)
  return Object.fromEntries(await Promise.all(read))
}

/** Absolute paths, as the dynamic loader will look for them. A static program has none and makes ldd fail. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]).catch(() => ({ stdout: '' }))
  return [...stdout.matchAll(/(?:=>\s+)?(\/\S+)\s+\(0x/g)].flatMap((match) => match[1] ?? [])
}
