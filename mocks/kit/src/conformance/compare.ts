/**
 * Compares a value with an expectation and names every place where they differ. An expectation is plain data in
 * which a rule (`text`, `matching(/x/)`, ...) may stand for what varies; objects must have exactly the expected
 * members unless `having` says "at least".
 */

/** One place where a server differs. Both sides are shown as short JSON. */
export type Difference = { readonly path: string; readonly expected: string; readonly got: string }

/** A case found differences. */
export class CaseFailure extends Error {
  readonly differences: readonly Difference[]

  constructor(differences: readonly Difference[], options?: ErrorOptions) {
    super(differences.map(showDifference).join('\n'), options)
    this.name = 'CaseFailure'
    this.differences = differences
  }
}

/** The case cannot be judged on this server; nothing is wrong with it. */
export class CaseSkipped extends Error {
  override readonly name = 'CaseSkipped'
}

/** Stands for a value that is not fixed. */
export class Rule {
  readonly says: string
  readonly accepts: (value: unknown) => boolean

  constructor(says: string, accepts: (value: unknown) => boolean) {
    this.says = says
    this.accepts = accepts
  }
}

/** An object with at least these members. */
export class Having {
  readonly members: Readonly<Record<string, unknown>>

  constructor(members: Readonly<Record<string, unknown>>) {
    this.members = members
  }
}

export const text = new Rule('a text', (value) => typeof value === 'string')
export const number = new Rule('a number', (value) => typeof value === 'number')
export const truth = new Rule('true or false', (value) => typeof value === 'boolean')
export const anything = new Rule('anything', () => true)
export const present = new Rule('something', (value) => value !== undefined && value !== null)
export const object = new Rule('an object', (value) => isObject(value))

export function matching(pattern: RegExp): Rule {
  return new Rule(`a text like ${pattern}`, (value) => typeof value === 'string' && pattern.test(value))
}

export function oneOf(...values: readonly unknown[]): Rule {
  return new Rule(`one of ${values.map(show).join(', ')}`, (value) => values.includes(value))
}

export function listOf(item: unknown): Rule {
  const says = `a list of ${item instanceof Rule ? item.says : 'such items'}`
  return new Rule(
    says,
    (value) => Array.isArray(value) && value.every((each) => differencesOf(each, item, '').length === 0),
  )
}

export function including(item: unknown): Rule {
  const says = `a list with ${show(item)}`
  return new Rule(
    says,
    (value) => Array.isArray(value) && value.some((each) => differencesOf(each, item, '').length === 0),
  )
}

export function having(members: Readonly<Record<string, unknown>>): Having {
  return new Having(members)
}

/** Throws CaseFailure with every difference. `path` says what `got` is. */
export function check(path: string, got: unknown, expected: unknown): void {
  const differences = differencesOf(got, expected, path)
  if (differences.length > 0) throw new CaseFailure(differences)
}

/** Every difference, deepest path first found. */
export function differencesOf(got: unknown, expected: unknown, path: string): Difference[] {
  if (expected instanceof Rule) return expected.accepts(got) ? [] : [differs(path, expected.says, got)]
  if (expected instanceof Having) {
    if (!isObject(got)) return [differs(path, 'an object', got)]
    return Object.entries(expected.members).flatMap(([key, value]) =>
      differencesOf(got[key], value, `${path}.${key}`),
    )
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(got)) return [differs(path, show(expected), got)]
    const length = Math.max(got.length, expected.length)
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      differencesOf(
        index in got ? got[index] : undefined,
        index in expected ? expected[index] : undefined,
        `${path}[${index}]`,
      ),
    )
  }
  if (isObject(expected)) {
    if (!isObject(got)) return [differs(path, show(expected), got)]
    const keys = new Set([...Object.keys(expected), ...Object.keys(got)])
    return [...keys].flatMap((key) => differencesOf(got[key], expected[key], `${path}.${key}`))
  }
  return Object.is(got, expected) ? [] : [differs(path, show(expected), got)]
}

/** One line for people. */
export function showDifference({ path, expected, got }: Difference): string {
  return `${path}: expected ${expected}, got ${got}`
}

const shownMax = 300

/** Short JSON. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value instanceof Rule) return value.says
  const shown = JSON.stringify(value, (_key, inner: unknown) =>
    inner instanceof Rule ? `<${inner.says}>` : inner instanceof Having ? inner.members : inner,
  )
  return shown.length > shownMax ? `${shown.slice(0, shownMax)}...` : shown
}

function differs(path: string, expected: string, got: unknown): Difference {
  return { path: path.replace(/^\./, ''), expected, got: show(got) }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
