/**
 * Turns raw results into what people and machines read: one static Allure page and `reports/summary.json`.
 * The page makes no request to anybody: Allure's own analytics tag is taken out after generation.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type { TestOutcome } from './run-tests.ts'

export const reportPage = 'reports/allure/index.html'

/** @returns the path of the page. @throws Error with Allure's output when it cannot be made. */
export async function writeAllureReport(): Promise<string> {
  const allure = join(dirname(createRequire(import.meta.url).resolve('allure')), '..', 'cli.js')
  const args = [
    'generate',
    'reports/allure-results',
    '--config',
    'scripts/allurerc.mjs',
    '--output',
    dirname(reportPage),
  ]
  const { code, output } = await runQuietly(process.execPath, [allure, ...args])
  if (code !== 0) throw new Error(`Cannot write the Allure report: ${output.trim()}`)
  writeFileSync(reportPage, withoutAnalytics(readFileSync(reportPage, 'utf8')))
  return resolve(reportPage)
}

/** The tag is some hundred characters; a larger script is Allure itself or the results, whatever words are in them. */
const tagLengthMax = 10_000
const scriptEnd = '</script>'

/**
 * Allure 3.18 hard-codes a Google tag in every page and has no switch for it. The page is walked script by script:
 * with the results of thousands of tests in it, one pattern over the whole runs out of stack.
 */
export function withoutAnalytics(page: string): string {
  const kept: string[] = []
  let from = 0
  for (let at = page.indexOf('<script'); at !== -1; at = page.indexOf('<script', from)) {
    const end = page.indexOf(scriptEnd, at)
    if (end === -1) break
    const script = page.slice(at, end + scriptEnd.length)
    const isTag = script.length <= tagLengthMax && script.includes('googletagmanager')
    kept.push(page.slice(from, at), isTag ? '' : script)
    from = end + scriptEnd.length
  }
  return kept.join('') + page.slice(from)
}

export function writeSummary(outcome: TestOutcome, engine: string): void {
  mkdirSync('reports', { recursive: true })
  const { passed, failed, skipped, wallMs } = outcome.total
  const summary = { passed, failed, skipped, wallMs, engine, perSuite: outcome.perSuite, runs: outcome.runs }
  writeFileSync('reports/summary.json', `${JSON.stringify(summary, null, 2)}\n`)
}

function runQuietly(
  command: string,
  args: readonly string[],
): Promise<{ code: number | null; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', fail)
    child.on('close', (code) => done({ code, output }))
  })
}
