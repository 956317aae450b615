/**
 * Python's JSON, read without losing what a diff should see: `1.0` is not `1`, a seed keeps all its digits, and a
 * bare NaN is allowed.
 */
import { PythonFloat } from '@squall/twin-kit'

/** Parses the text; floats become PythonFloat, large whole numbers bigint, NaN a PythonFloat too. */
export function readExact(text: string): unknown {
  if (!text.includes('NaN')) return JSON.parse(text, revive) as unknown
  // Texts are matched first, so that a NaN inside one stays as it is.
  const textOrNan = /"(?:[^"\\]|\\.)*"|NaN/g
  const quoted = text.replace(textOrNan, (token) => (token === 'NaN' ? '"<NaN>"' : token))
  return JSON.parse(quoted, revive) as unknown
}

function revive(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (value === '<NaN>') return new PythonFloat(Number.NaN)
  if (typeof value !== 'number' || context?.source === undefined) return value
  if (/[.eE]/.test(context.source)) return new PythonFloat(value)
  return Number.isSafeInteger(value) ? value : BigInt(context.source)
}
