/**
 * What is wrong with a field, in words for people instead of the schema library's own. A schema that says it better
 * itself keeps its text.
 */
import { inspect } from 'node:util'
import type { z } from 'zod'

/** An option of `safeParse`. */
export const issueText: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') {
    return issue.input === undefined ? 'is missing' : `takes ${typeNames[issue.expected] ?? issue.expected}`
  }
  if (issue.code === 'invalid_value') return choice(issue.values, issue.input)
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    const given = (issue.input as Readonly<Record<string, unknown>>)[issue.discriminator]
    return choice(Array.isArray(issue.options) ? issue.options : [], given)
  }
  if (issue.code !== 'unrecognized_keys') return undefined
  return `there is no field ${issue.keys.map((key) => JSON.stringify(key)).join(', ')} here`
}

const typeNames: Readonly<Record<string, string>> = {
  array: 'a list',
  int: 'a whole number',
  number: 'a number',
  object: 'an object with fields',
  string: 'a text',
}

function choice(values: readonly unknown[], given: unknown): string {
  const state = given === undefined ? 'is missing' : `cannot be ${asWritten(given)}`
  return `${state}; use ${values.length === 1 ? '' : 'one of '}${values.map(String).join(', ')}`
}

/** Of whatever a program or a file gave: numbers that JSON has not, objects that hold themselves. */
function asWritten(given: unknown): string {
  return typeof given === 'string'
    ? JSON.stringify(given)
    : inspect(given, { depth: 0, breakLength: Infinity })
}
