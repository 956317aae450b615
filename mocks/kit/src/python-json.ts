/**
 * JSON as Python's `json.dumps` spells it with default settings: a space after `:` and `,`, non-ASCII escaped,
 * floats with a decimal point, whole numbers of any size. Clients that compare bytes or lengths notice.
 */
import { parseInOrder } from './ordered-json.ts'

/** A number that Python holds as a float: 1 is written `1.0`. */
export class PythonFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  /** So that comparing and adding work as with a plain number. */
  valueOf(): number {
    return this.value
  }

  toJSON(): number {
    return this.value
  }
}

/** Like `json.dumps(value)`. Keys with undefined values are left out; NaN is written bare, as Python does. */
export function stringifyPython(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number') return Number.isInteger(value) ? wholeNumber(value) : floatText(value)
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value instanceof PythonFloat) return floatText(value.value)
  if (Array.isArray(value)) return `[${value.map(stringifyPython).join(', ')}]`
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members.map(([key, member]) => `${quote(key)}: ${stringifyPython(member)}`).join(', ')}}`
}

/**
 * Parses JSON; whole numbers beyond 2^53 become bigint, so that 64-bit seeds keep every digit, and keys that look like
 * numbers keep their place.
 */
export function parsePython(text: string): unknown {
  return parseInOrder(text, (source) => {
    const number = Number(source)
    return Number.isSafeInteger(number) || !/^-?\d+$/.test(source) ? number : BigInt(source)
  })
}

function wholeNumber(value: number): string {
  return Math.abs(value) < 1e21 ? BigInt(value).toString() : floatText(value)
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  }
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
