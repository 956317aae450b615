/**
 * Parses JSON whose objects keep the order of their keys, also of those that look like numbers: JavaScript moves such
 * keys to the front, Python and most other languages leave them where they are.
 *
 * Where the order would be lost, the object is a Proxy that only answers the question for its keys differently. So
 * everything that lists keys (`Object.keys`, spreading, `JSON.stringify`) sees the order of the text.
 */

/** Turns the text of a number into a value. */
export type ReadNumber = (source: string) => unknown

const looksLikeIndex = /^(?:0|[1-9]\d{0,9})$/

/** A key like an index, or a number that is not the same in JavaScript: too long, or with a fraction or an exponent. */
const needsReader = /"\d+"\s*:|\d{16}|\d[.eE]/

/** Parses the text. Throws SyntaxError as `JSON.parse` does. */
export function parseInOrder(text: string, readNumber: ReadNumber): unknown {
  // Checks the text, so that the reader may trust it. It is much faster, so it also serves most texts.
  const plain = JSON.parse(text) as unknown
  return needsReader.test(text) ? createReader(text, readNumber)() : plain
}

/** Reads one value after the other from a text that is known to be JSON. */
function createReader(text: string, readNumber: ReadNumber): () => unknown {
  let at = 0
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const [found = ''] = pattern.exec(text) ?? []
    at += found.length
    return found
  }
  const skip = (): string | undefined => {
    while (text.charCodeAt(at) <= 0x20) at += 1
    return text[at]
  }
  const readText = (): string => {
    const end = text.indexOf('"', at + 1)
    const plain = text.slice(at + 1, end)
    if (plain.includes('\\')) return JSON.parse(take(/"(?:[^"\\]|\\.)*"/y)) as string
    at = end + 1
    return plain
  }
  const readList = (): unknown[] => {
    const items: unknown[] = []
    for (at += 1; skip() !== ']'; ) {
      items.push(readValue())
      if (skip() === ',') at += 1
    }
    at += 1
    return items
  }
  const readObject = (): object => {
    const names: string[] = []
    const values: unknown[] = []
    for (at += 1; skip() !== '}'; ) {
      names.push(readText())
      skip()
      at += 1 // the colon
      values.push(readValue())
      if (skip() === ',') at += 1
    }
    at += 1
    return inOrder(names, values)
  }
  const readValue = (): unknown => {
    const first = skip()
    if (first === '{') return readObject()
    if (first === '[') return readList()
    if (first === '"') return readText()
    const word = take(/[-+.\w]+/y)
    if (word === 'null') return null
    return word === 'true' || word === 'false' ? word === 'true' : readNumber(word)
  }
  return readValue
}

/** An empty object whose keys come in the order they are set in. */
export function orderedRecord<Value>(): Record<string, Value> {
  const names = new Set<string | symbol>()
  return new Proxy<Record<string, Value>>(
    {},
    {
      defineProperty: (target, name, descriptor) => {
        names.add(name)
        return Reflect.defineProperty(target, name, descriptor)
      },
      ownKeys: (target) => [...names].filter((name) => Object.hasOwn(target, name)),
    },
  )
}

/** Like `Object.fromEntries`, with the keys in the order of the entries. */
export function recordInOrder<Value>(
  entries: readonly (readonly [name: string, value: Value])[],
): Record<string, Value> {
  return inOrder(
    entries.map(([name]) => name),
    entries.map(([, value]) => value),
  ) as Record<string, Value>
}

function inOrder(names: readonly string[], values: readonly unknown[]): object {
  const plain = Object.fromEntries(names.map((name, index) => [name, values[index]]))
  if (!names.some((name) => looksLikeIndex.test(name))) return plain
  const isKept = Object.keys(plain).every((name, index) => name === names[index])
  return isKept ? plain : new Proxy(plain, { ownKeys: (target) => ownKeys(target, [...new Set(names)]) })
}

/** The keys of the text that are still there, then those that came later. */
function ownKeys(target: object, names: readonly string[]): (string | symbol)[] {
  const known = new Set<string | symbol>(names)
  const later = Reflect.ownKeys(target).filter((key) => !known.has(key))
  return [...names.filter((name) => Object.hasOwn(target, name)), ...later]
}
