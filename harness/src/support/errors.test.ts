/** Errors: named by class, matched by code, told on one line. */
import { expect, test } from 'vitest'
import { codeOf, messageOf, SquallError } from './errors.ts'

class BrokenPipeError extends SquallError {}

test('an error carries its class name, code and cause', () => {
  const cause = new Error('inner')
  const error = new BrokenPipeError('pipe', 'Cannot write: pipe closed', { cause })
  expect(error).toMatchObject({ name: 'BrokenPipeError', code: 'pipe', cause })
})

test('messageOf tells anything on one line', () => {
  expect(messageOf(new Error('a\n  b'))).toBe('a b')
  expect(messageOf(new AggregateError([new Error('one'), 'two']))).toBe('one; two')
  expect(messageOf(undefined)).toBe('undefined')
})

test('codeOf reads ours and Node’s codes', () => {
  expect(codeOf(new BrokenPipeError('pipe', ''))).toBe('pipe')
  expect(codeOf(Object.assign(new Error(), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED')
  expect(codeOf(Object.assign(new Error(), { code: 5 }))).toBeUndefined()
  expect(codeOf(null)).toBeUndefined()
})
