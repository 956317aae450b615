/** The shape of files: names, opening comment, no state at module level, barrels only at the package's door. */
import path from 'node:path'
import type { Rule } from './rule.ts'

const dumpingGround = /(^|\/)[\w-]*\b(utils?|helpers?|common|misc)\b[\w-]*(\/|\.(test\.)?(ts|mjs)$)/

export const names: Rule = {
  name: 'names',
  written: 'CONTRIBUTING.md, House rules',
  find(file) {
    const base = path.posix.basename(file.path)
    const isKebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.(ts|mjs)$/.test(base)
    return [
      ...(dumpingGround.test(file.path)
        ? [
            {
              line: 1,
              message: 'no utils, helpers, common or misc; name the file for the one thing it holds',
            },
          ]
        : []),
      ...(isKebab ? [] : [{ line: 1, message: `${base} is not kebab-case; rename it` }]),
    ]
  },
}

/** The closed list of harness/src/support: what every stage may import must stay small. */
const support = ['clock', 'random', 'deadline', 'poll', 'errors', 'log']

export const closedSupport: Rule = {
  name: 'closed-support',
  written: 'ARCHITECTURE.md, import table',
  find(file) {
    const name = /^harness\/src\/support\/(.+?)(\.test)?\.ts$/.exec(file.path)?.[1]
    if (name === undefined || support.includes(name)) return []
    return [
      {
        line: 1,
        message: `support/ holds ${support.join(', ')} only; put the file into the stage that needs it`,
      },
    ]
  },
}

export const openingComment: Rule = {
  name: 'opening-comment',
  written: 'CONTRIBUTING.md, House rules',
  find(file) {
    if (file.isTest) return [] // the names of the tests say it
    if (/^(#!.*\n)?\s*(\/\*\*?|\/\/)/.test(file.text)) return []
    return [
      {
        line: 1,
        message: 'the file opens without a comment; say what it is, why, and what is knowingly missing',
      },
    ]
  },
}

export const noModuleState: Rule = {
  name: 'no-module-state',
  written: 'CONTRIBUTING.md, House rules',
  find(file) {
    if (file.isTest) return []
    return file.body.flatMap((statement) => {
      const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
      if (declared?.type !== 'VariableDeclaration' || declared.kind === 'const') return []
      const message =
        '`let` at the top of a module is state shared by all; put it into the object that owns it'
      return [{ line: file.lineOf(statement.start), message }]
    })
  },
}

/** `src/index.ts` is the package's door, `src/vitest/index.ts` the harness's second one. */
export const oneBarrel: Rule = {
  name: 'one-barrel',
  written: 'CONTRIBUTING.md, House rules',
  find(file) {
    if (!/(^|\/)index\.ts$/.test(file.path)) return []
    if (/^(mocks\/)?[^/]+\/src\/index\.ts$/.test(file.path) || file.path === 'harness/src/vitest/index.ts')
      return []
    return [{ line: 1, message: 'a package has one index.ts, in src/; import the file that holds the thing' }]
  },
}
