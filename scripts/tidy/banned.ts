/** Calls and words that are not used here, each with what to use instead. */
import type { Finding, Rule } from './rule.ts'
import type { SourceFile } from './source.ts'
import { isNode, nameOf, walk } from './walk.ts'

/** The one file per package that may hold timers, so that every wait has a budget and can be found. */
const clockFiles = [
  'harness/src/support/clock.ts',
  'netem/src/clock.ts',
  'client/src/transport/clock.ts',
  'mocks/kit/src/clock.ts',
  'scripts/boot/clock.mjs',
  'bench/clock.ts',
]

const timers = new Set(['setTimeout', 'setInterval', 'globalThis.setTimeout', 'globalThis.setInterval'])

export const clock: Rule = {
  name: 'clock',
  written: 'CONTRIBUTING.md, House rules',
  find(file) {
    if (clockFiles.includes(file.path)) return []
    const instead = `; wait for a condition with a budget, or use the clock of the package (${clockFiles.join(', ')})`
    return [
      ...calls(file, (name) => timers.has(name)).map(({ line, message }) => ({
        line,
        message: message + instead,
      })),
      ...file.imports
        .filter(({ from }) => /^(node:)?timers(\/promises)?$/.test(from))
        .map(({ line, from }) => ({ line, message: `${from} is not imported here${instead}` })),
    ]
  },
}

export const randomness: Rule = {
  name: 'randomness',
  written: 'CONTRIBUTING.md, House rules',
  find: (file) =>
    calls(file, (name) => name === 'Math.random').map(({ line, message }) => ({
      line,
      message: `${message}; take a seeded generator as a parameter, so that the run can be repeated`,
    })),
}

const testCall = /^(test|it|describe|suite)\.(?:\w+\.)*(only|skip|todo|fails)$/

/** `skipIf` and `runIf` stay allowed: they name a condition of the machine. */
export const honestTests: Rule = {
  name: 'honest-tests',
  written: 'CONTRIBUTING.md, House rules',
  find(file) {
    const found: Finding[] = [...calls(file, (name) => testCall.test(name))].map(({ line, message }) => ({
      line,
      message: `${message}; correct the test or remove it (skipIf names a condition of the machine)`,
    }))
    walk(file.body, (node) => {
      if (node.type !== 'Property' || !['retry', 'retries'].includes(nameOf(node.key))) return
      const isNone = isNode(node.value) && node.value.type === 'Literal' && node.value.value === 0
      if (isNone || !/^(suites\/|vitest\.|.*\.test\.ts$)/.test(file.path)) return
      const message = 'a test is not retried; a flaky test is a finding: explain it and correct its cause'
      found.push({ line: file.lineOf(node.start), message })
    })
    return found
  },
}

/** Calls, and tagged or chained uses, of a name that `isBanned`. */
function calls(file: SourceFile, isBanned: (name: string) => boolean): Finding[] {
  const found: Finding[] = []
  walk(file.body, (node) => {
    if (node.type !== 'CallExpression') return
    const name = nameOf(node.callee)
    if (isBanned(name)) found.push({ line: file.lineOf(node.start), message: `${name}() is not used here` })
  })
  return found
}
