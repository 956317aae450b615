/**
 * Converts constants as Python's int(), float(), str() and bool() would, with Python's own error texts. The result
 * is written back into the queued workflow, so clients see it in /queue and /history.
 */
import { PythonFloat } from '@squall/twin-kit'
import { PythonError, pythonRepr, pythonText, pythonType } from '../python-error.ts'

/** Types whose constants are converted; every other type is left alone. */
export const coercedTypes = ['INT', 'FLOAT', 'STRING', 'BOOLEAN'] as const

/** Converts a constant for an input of type `type`. Throws PythonError where Python raises. */
export function coerce(type: unknown, value: unknown): unknown {
  if (type === 'INT') return toInt(value)
  if (type === 'FLOAT') return toFloat(value)
  if (type === 'STRING') return pythonText(value)
  if (type === 'BOOLEAN') return isTruthy(value)
  return value
}

/** Python's truth value: empty text, zero, empty list and object are false. */
export function isTruthy(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

/** The number behind a coerced value; undefined if it is none. Large integers stay bigint. */
export function numberOf(value: unknown): number | bigint | undefined {
  if (value instanceof PythonFloat) return value.value
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined
}

function toInt(value: unknown): number | bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return Math.trunc(value)
  if (typeof value === 'string') {
    const text = value.trim()
    if (!/^[+-]?\d+$/.test(text)) {
      throw new PythonError('ValueError', `invalid literal for int() with base 10: ${pythonRepr(value)}`)
    }
    const exact = BigInt(text.replace(/^\+/, ''))
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
  }
  throw notANumber('int', value)
}

function toFloat(value: unknown): PythonFloat {
  if (typeof value === 'string') {
    const text = value.trim()
    if (text === '' || Number.isNaN(Number(text))) {
      throw new PythonError('ValueError', `could not convert string to float: ${pythonRepr(value)}`)
    }
    return new PythonFloat(Number(text))
  }
  if (typeof value === 'object' || value === undefined) throw notANumber('float', value)
  return new PythonFloat(Number(value))
}

function notANumber(target: 'int' | 'float', value: unknown): PythonError {
  const accepted =
    target === 'int' ? 'a string, a bytes-like object or a real number' : 'a string or a real number'
  return new PythonError('TypeError', `${target}() argument must be ${accepted}, not '${pythonType(value)}'`)
}
