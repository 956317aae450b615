/**
 * Which package may import which, and which folder owns which library. The client under test must not know its
 * harness, the harness must not know what it tests, and a library used in one folder can be replaced there.
 */
import type { Rule } from './rule.ts'
import type { SourceFile } from './source.ts'

type Ban = {
  readonly from: RegExp
  readonly to: RegExp
  readonly instead: string
  readonly testsToo?: boolean
}

const bans: readonly Ban[] = [
  {
    from: /^client\//,
    to: /^(@squall\/(?!client\b)|(harness|mocks|subjects|suites|netem)\/)/,
    instead: 'the client knows nothing of the project around it; let a subject in subjects/ connect the two',
    testsToo: false,
  },
  {
    from: /^harness\//,
    to: /^(@squall\/(client|twin-|subjects|suites)|(client|mocks|subjects|suites)\/)/,
    instead: 'pass it in as a Subject or start it as a unit of an engine',
  },
  {
    from: /^mocks\/(?!kit\/)/,
    to: /^@squall\/(?!twin-kit\b)/,
    instead: 'a twin stands alone on @squall/twin-kit; put what twins share there',
    testsToo: false,
  },
  {
    from: /^(mocks\/kit|netem)\//,
    to: /^(@squall\/|(harness|client|subjects|suites)\/)/,
    instead: 'this package is the ground others stand on; move the shared part into it',
  },
  {
    from: /^harness\/src\/(?!environment\/|vitest\/)/,
    to: /^(testcontainers|dockerode)(\/|$)/,
    instead: 'only environment/ talks to the container engine; add what you need to its Engine or Unit',
    testsToo: false,
  },
  {
    from: /^(?!harness\/src\/report\/)/,
    to: /^allure-js-commons(\/|$)/,
    instead: 'only harness/src/report/ writes to Allure; add what you need there',
    testsToo: false,
  },
  {
    from: /^harness\/src\/(?!vitest\/)/,
    to: /^vitest(\/|$)/,
    instead: 'only harness/src/vitest/ and tests know the test framework; return a value or throw',
    testsToo: false,
  },
]

export const packages: Rule = {
  name: 'packages',
  written: 'ARCHITECTURE.md, import table',
  find(file) {
    const own = packageOf(file)
    return bans
      .filter((ban) => ban.from.test(file.path) && (ban.testsToo !== false || !file.isTest))
      .flatMap((ban) =>
        file.imports
          .filter((used) => ban.to.test(used.from) && packageOf({ path: used.from }) !== own)
          .map(({ line, from }) => ({ line, message: `may not import ${from}; ${ban.instead}` })),
      )
  },
}

export const insideTwins: Rule = {
  name: 'inside-twins',
  written: 'ARCHITECTURE.md, import table',
  find(file) {
    const own = /^mocks\/[^/]+\//.exec(file.path)?.[0]
    if (own === undefined) return []
    return file.imports
      .filter(({ from }) => /^(mocks|harness|client|subjects|suites)\//.test(from) && !from.startsWith(own))
      .map(({ line, from }) => ({
        line,
        message: `may not reach into ${from}; import the package @squall/twin-kit`,
      }))
  },
}

/** First folder of the path: the package, closely enough for telling own from foreign. */
function packageOf(file: Pick<SourceFile, 'path'>): string {
  return /^(mocks\/[^/]+|[^/]+)\//.exec(file.path)?.[1] ?? ''
}
