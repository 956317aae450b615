/**
 * A server under measurement: a child process that prints `{"ready":true,"url":...}` as its first line, as every twin
 * does. CPU time and memory are read from /proc, because "per core" is a question about the server's own process and
 * not about the machine. Linux only, therefore.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { pause } from '../clock.ts'

export type Server = AsyncDisposable & {
  readonly url: string
  /** User and system time of all threads so far. In steps of 10 ms, as the kernel tells it. */
  readonly cpuMs: () => number
  /** Resident memory after a garbage collection. */
  readonly settledBytes: () => Promise<number>
}

/** Clock ticks of /proc/<pid>/stat; the same on every Linux that Node runs on. */
const tickMs = 10
/** Page size of /proc/<pid>/statm. */
const pageBytes = 4096
/** Long enough for a collection of a few hundred megabytes. */
const collectMs = 400

const collector = fileURLToPath(new URL('programs/collect-on-signal.ts', import.meta.url))

/** Script of a twin. */
export function twinScript(name: string): string {
  return fileURLToPath(new URL(`../../mocks/${name}/src/main.ts`, import.meta.url))
}

/** Script of one of the programs beside this file. */
export function programScript(name: string): string {
  return fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url))
}

/** Starts a twin on any free port, with simulated work that takes no time. */
export async function startTwin(name: string): Promise<Server> {
  const folder = mkdtempSync(path.join(tmpdir(), 'squall-bench-'))
  const args = ['--port', '0', '--time-scale', '0', '--data-folder', folder]
  return startServer([twinScript(name), ...args], () => rmSync(folder, { recursive: true, force: true }))
}

/** Starts a null server: what the same machine does with no twin in it. */
export function startNull(program: string): Promise<Server> {
  return startServer([programScript(program)], () => undefined)
}

async function startServer(args: readonly string[], cleanUp: () => void): Promise<Server> {
  const flags = ['--expose-gc', '--import', collector]
  const child = spawn(process.execPath, [...flags, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ready = JSON.parse(await firstLine(child)) as { url: string }
  const pid = child.pid ?? 0
  return {
    url: ready.url,
    cpuMs: () => cpuMsOf(pid),
    settledBytes: async () => {
      child.kill('SIGUSR2')
      await pause(collectMs)
      const resident = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]
      return Number(resident) * pageBytes
    },
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
      cleanUp()
    },
  }
}

/** Waits for a child's first line and lets the rest of its output run away. @throws if the child ends first. */
export async function firstLine(child: ChildProcess): Promise<string> {
  const { stdout } = child
  if (stdout === null) throw new Error('Cannot read a first line: the child has no stdout; give it a pipe')
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`Cannot measure: the server ended with ${String(code)} before it was ready; see above`)
  })
  let text = ''
  while (!text.includes('\n')) {
    const [chunk] = (await Promise.race([once(stdout, 'data'), gone])) as [Buffer]
    text += chunk.toString()
  }
  gone.catch(() => undefined)
  stdout.resume()
  return text.slice(0, text.indexOf('\n'))
}

/** Fields 14 and 15; the name in field 2 may hold spaces and ends with the last bracket. */
function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}
