/**
 * A twin as a process of its own, for tests that try to hurt it: its memory, its complaints and its death can be seen
 * there, and belong to nobody else.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type TwinProcess = AsyncDisposable & {
  readonly url: string
  /** Alone in a folder that belongs to this test. */
  readonly dataFolder: string
  /** Journal lines so far. */
  readonly journal: () => readonly Readonly<Record<string, unknown>>[]
  /** Everything it wrote to standard error so far. */
  readonly complaints: () => string
  /** Whether the process has ended. */
  readonly isGone: () => boolean
  /** Resident bytes after a garbage collection, without empty pages of the heap. */
  readonly settledBytes: () => Promise<number>
}

const preload = fileURLToPath(new URL('tell-memory.ts', import.meta.url))

/** Freed memory goes back to the kernel at once, where glibc would keep it; so resident memory tells what is held. */
const promptMalloc = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(32 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(128 * 1024),
}

/** Starts the program of a twin on a free port, with simulated work that takes no time. */
export async function startTwinProcess(main: URL, flags: readonly string[] = []): Promise<TwinProcess> {
  const sandbox = mkdtempSync(join(tmpdir(), 'twin-process-'))
  const dataFolder = join(sandbox, 'data')
  const child = spawn(
    process.execPath,
    [
      ...['--expose-gc', '--import', preload, fileURLToPath(main)],
      ...['--port', '0', '--data-folder', dataFolder, '--time-scale', '0', ...flags],
    ],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { ...process.env, ...promptMalloc } },
  )
  const output = collect(child.stdout)
  const complaints = collect(child.stderr)
  while (!output().includes('\n')) {
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), once(child, 'exit')])
    if (child.exitCode !== null) throw new Error(`the twin ended before it was ready: ${complaints()}`)
  }
  const { url } = JSON.parse(output().split('\n')[0] ?? '') as { url: string }
  return {
    url,
    dataFolder,
    journal: () =>
      output()
        .split('\n')
        .slice(1, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    complaints,
    isGone: () => isGone(child),
    settledBytes: async () => {
      const told = once(child, 'message') as Promise<[{ bytes: number }]>
      child.send('memory')
      return (await told)[0].bytes
    },
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      if (!isGone(child)) await gone
      rmSync(sandbox, { recursive: true, force: true })
    },
  }
}

function isGone(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = []
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}
