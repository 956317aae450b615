/**
 * How the engine contract looks at units: over HTTP, by their state, by their lines, and at a whole harness in a
 * process of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { pollUntil } from '../support/poll.ts'
import type { LogLine, Placement, Unit } from './engine.ts'

/** Limit for what should be done at once; generous, because machines that run tests are busy. */
export const budgetMs = 20_000

export function newRunId(): string {
  return `contract-${randomInt(2 ** 40).toString(36)}`
}

/** A harness in a process of its own: it opens a run with two units, one of them paused, and waits to be killed. */
export function abandonedRun(runId: string, args: readonly string[], ttlMs?: number): ChildProcess {
  const program = fileURLToPath(new URL('abandoned-run.ts', import.meta.url))
  const env = { ...process.env, TTL_MS: String(ttlMs ?? '') }
  return spawn(process.execPath, [program, runId, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env })
}

/** The first line of a program; rejects when it ends without one. */
export function firstLine(program: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    program.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()))
    program.once('exit', (code) => reject(new Error(`ended with ${code} before its first line`)))
  })
}

export async function text(url: string): Promise<string> {
  const response = await fetch(url)
  const body = await response.text()
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}: ${body}`)
  return body
}

export function outside(placement: Placement): string {
  const address = placement.ports['http']?.outside
  return `http://${address?.host}:${address?.port}`
}

export function answering(url: string): Promise<string> {
  const probe = async (): Promise<{ done: true; value: string }> => ({ done: true, value: await text(url) })
  return pollUntil({ what: `${url} answers`, everyMs: 10, budgetMs, probe })
}

export function exited(unit: Unit): Promise<number | undefined> {
  return pollUntil({
    what: `${unit.name} has ended`,
    everyMs: 10,
    budgetMs,
    probe: async () => {
      const state = await unit.inspect()
      return state.status === 'exited'
        ? { done: true, value: state.exitCode }
        : { done: false, saw: state.status }
    },
  })
}

export function spoken(unit: Unit, line: string): Promise<undefined> {
  return pollUntil({
    what: `${unit.name} says "${line}"`,
    everyMs: 10,
    budgetMs,
    probe: () => {
      const said = linesOf(unit.logs(), 'stdout')
      return said.includes(line) ? { done: true, value: undefined } : { done: false, saw: said.join(' | ') }
    },
  })
}

export async function lastWords(unit: Unit): Promise<string> {
  await exited(unit)
  return linesOf(unit.logs(), 'stderr').join(' ')
}

export function linesOf(lines: readonly LogLine[], stream: LogLine['stream']): string[] {
  return lines.filter((line) => line.stream === stream).map((line) => line.text)
}

/** Only containers know about it; a process engine leaves the field away. */
export function oomField(state: { readonly oomKilled?: boolean }): { oomKilled?: false } {
  return state.oomKilled === undefined ? {} : { oomKilled: false }
}

export async function squatter(port: number): Promise<AsyncDisposable> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) }
}
