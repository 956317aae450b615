/**
 * `npm run check`: everything that can be said of the code without running it. One line per tool; what a tool
 * wrote is shown only when it failed. `--fix` lets format and lint correct what they can. What needs the code's
 * meaning (import order, banned words) is `scripts/tidy/`, which runs with the unit tests.
 */
import { fileURLToPath } from 'node:url'
import { type CheckResult, runProgram } from './check/run-program.ts'
import { lintWorkflows } from './check/workflows.ts'
import { dieWithParent } from './die-with-parent.ts'

type Check = { readonly name: string; readonly run: (root: string, fix: boolean) => Promise<CheckResult> }

const checks: readonly Check[] = [
  {
    name: 'format',
    run: (root, fix) => runProgram(root, 'biome', ['check', ...(fix ? ['--write'] : []), '--colors=off']),
  },
  {
    name: 'lint',
    run: (root, fix) => runProgram(root, 'oxlint', ['--type-aware', ...(fix ? ['--fix'] : [])]),
  },
  { name: 'types', run: (root) => runProgram(root, 'tsc', ['-p', 'tsconfig.json', '--pretty', 'false']) },
  {
    name: 'dead code',
    run: (root) => runProgram(root, 'knip', ['--no-progress', '--no-config-hints']),
  },
  { name: 'workflows', run: lintWorkflows },
]

/** Fixers write, so they go one after the other; without `--fix` all run at once. Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== '--fix')
  if (unknown !== undefined) {
    console.error(`check: Cannot check: ${unknown} is unknown; the only option is --fix.`)
    return 3
  }
  const fix = args.includes('--fix')
  const root = fileURLToPath(new URL('..', import.meta.url))
  const startedMs = performance.now()
  let failures = 0
  const runOne = async (check: Check) => {
    const sinceMs = performance.now()
    const { ok, output } = await check.run(root, fix)
    const seconds = ((performance.now() - sinceMs) / 1_000).toFixed(2)
    console.log(`${ok ? 'ok  ' : 'FAIL'}  ${check.name.padEnd(10)} ${seconds.padStart(6)} s`)
    if (ok) return
    failures += 1
    console.log(output.trimEnd().replaceAll(/^/gm, '      '))
  }
  if (fix) for (const check of checks) await runOne(check)
  else await Promise.all(checks.map(runOne))
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1)
  console.log(`check: ${checks.length - failures} of ${checks.length} passed in ${seconds} s`)
  return failures === 0 ? 0 : 1
}

dieWithParent()
process.exitCode = await main(process.argv.slice(2))
