/**
 * JSON as Python's `json.loads` reads it: `NaN` and `Infinity` are numbers, nesting ends at Python's recursion
 * limit, and an error has Python's words and place, which FastAPI passes on to the client. Measured on Gradio 5.29.
 */

/** What came of a text. `too-deep` is what Python raises a RecursionError for. */
export type Parsed =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly message: string; readonly at: number }
  | { readonly kind: 'too-deep' }

/** Levels a body may have; a real server refuses between 962 and 972, depending on its own stack. */
const depthMax = 965

/** Parse a text. */
export function parseJson(text: string): Parsed {
  if (isDeep(text)) return { kind: 'too-deep' }
  try {
    return { kind: 'value', value: JSON.parse(text) as unknown }
  } catch {
    return parseLikePython(text)
  }
}

/** Brackets are counted without regard to strings first, because nearly every body has few. */
function isDeep(text: string): boolean {
  let depth = 0
  let inText = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (inText) {
      if (code === 92) at += 1
      else if (code === 34) inText = false
    } else if (code === 34) inText = true
    else if (code === 91 || code === 123) {
      depth += 1
      if (depth > depthMax) return true
    } else if (code === 93 || code === 125) depth -= 1
  }
  return false
}

class PythonJsonError extends Error {
  readonly code = 'python-json'
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

function parseLikePython(text: string): Parsed {
  try {
    return { kind: 'value', value: new Reader(text).document() }
  } catch (error) {
    if (error instanceof PythonJsonError) return { kind: 'error', message: error.message, at: error.at }
    throw error
  }
}

const constants: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  false: false,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

/** Reads one text from left to right, as `json.decoder` and `json.scanner` do. */
class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): unknown {
    this.#skipSpace()
    const value = this.#value()
    this.#skipSpace()
    if (this.#at < this.#text.length) throw new PythonJsonError('Extra data', this.#at)
    return value
  }

  #skipSpace(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? '')) this.#at += 1
  }

  #value(): unknown {
    const next = this.#text[this.#at]
    if (next === '"') return this.#string()
    if (next === '{') return this.#object()
    if (next === '[') return this.#array()
    const [word] = /^(?:null|true|false|NaN|-?Infinity|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)/.exec(
      this.#text.slice(this.#at, this.#at + 400),
    ) ?? ['']
    if (word === '') throw new PythonJsonError('Expecting value', this.#at)
    this.#at += word.length
    return Object.hasOwn(constants, word) ? constants[word] : Number(word)
  }

  #string(): string {
    const begin = this.#at
    for (let at = begin + 1; ; at += 1) {
      const letter = this.#text[at]
      if (letter === undefined) throw new PythonJsonError('Unterminated string starting at', begin)
      if (letter < ' ') throw new PythonJsonError('Invalid control character at', at)
      if (letter === '"') {
        this.#at = at + 1
        return JSON.parse(this.#text.slice(begin, at + 1)) as string
      }
      if (letter !== '\\') continue
      const escape = this.#text.slice(at, at + 6)
      if (!/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(escape)) {
        throw new PythonJsonError(escape[1] === 'u' ? 'Invalid \\uXXXX escape' : 'Invalid \\escape', at)
      }
      at += 1
    }
  }

  #array(): unknown[] {
    const items: unknown[] = []
    this.#at += 1
    this.#skipSpace()
    if (this.#take(']')) return items
    for (;;) {
      items.push(this.#value())
      this.#skipSpace()
      if (this.#take(']')) return items
      if (!this.#take(',')) throw new PythonJsonError("Expecting ',' delimiter", this.#at)
      this.#skipSpace()
    }
  }

  #object(): Record<string, unknown> {
    const members: [string, unknown][] = []
    this.#at += 1
    this.#skipSpace()
    if (this.#take('}')) return {}
    for (;;) {
      if (this.#text[this.#at] !== '"') {
        throw new PythonJsonError('Expecting property name enclosed in double quotes', this.#at)
      }
      const key = this.#string()
      this.#skipSpace()
      if (!this.#take(':')) throw new PythonJsonError("Expecting ':' delimiter", this.#at)
      this.#skipSpace()
      members.push([key, this.#value()])
      this.#skipSpace()
      if (this.#take('}')) return Object.fromEntries(members)
      if (!this.#take(',')) throw new PythonJsonError("Expecting ',' delimiter", this.#at)
      this.#skipSpace()
    }
  }

  #take(letter: string): boolean {
    if (this.#text[this.#at] !== letter) return false
    this.#at += 1
    return true
  }
}
