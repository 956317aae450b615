/** Bodies for a route that reads JSON: not JSON, not an object, not UTF-8, or nested beyond what a parser takes. */

const levels = 100_000
const lists = '['.repeat(levels) + ']'.repeat(levels)

/** Bodies by name. `field` is a field that the route looks at. */
export function jsonBodies(field: string): Readonly<Record<JsonCase, string | Buffer>> {
  return {
    'lists in lists': lists,
    'objects in objects': `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`,
    'a deep field': `{"${field}":${lists}}`,
    'no JSON': '{"a": nope}',
    'no end': '{"a": [1, 2',
    nothing: '',
    null: 'null',
    'a number': '12',
    'a text': '"x"',
    'a list': '[]',
    'two values': '{} {}',
    'a byte order mark': '\ufeff{}',
    'half a surrogate pair': '{"a": "\\ud800"}',
    'a prototype': '{"__proto__": {"x": 1}, "constructor": null}',
    'no UTF-8': Buffer.from('{"\xff\xfe": 1}', 'latin1'),
    'UTF-16': Buffer.from('\ufeff{"a": 1}', 'utf16le'),
    'a zero at the end': '{"a": 1}\0',
  }
}

export type JsonCase =
  | 'lists in lists'
  | 'objects in objects'
  | 'a deep field'
  | 'no JSON'
  | 'no end'
  | 'nothing'
  | 'null'
  | 'a number'
  | 'a text'
  | 'a list'
  | 'two values'
  | 'a byte order mark'
  | 'half a surrogate pair'
  | 'a prototype'
  | 'no UTF-8'
  | 'UTF-16'
  | 'a zero at the end'
