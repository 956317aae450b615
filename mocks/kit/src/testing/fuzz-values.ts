/** Arbitrary values near what a server expects: its own words, its own bodies with one thing changed, and nonsense. */
import fc from 'fast-check'

/** Values that break code which was written for others. Numbers stay cheap to obey: no picture of 16384 pixels. */
const awkward: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 0.5, 64, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308],
  ...[
    '',
    ' ',
    '0',
    '-1',
    'NaN',
    'null',
    '__proto__',
    'constructor',
    'toString',
    '../..',
    'ü',
    '日本',
    '😀',
    '\ud800',
  ],
  ...['a\0b', 'a\r\nb: c', '%00', 'x'.repeat(5000), '{"a":1}'],
  ...[
    [],
    {},
    [[]],
    [null],
    ['1', 0],
    ['1', '0'],
    ['x', 99],
    { a: 1 },
    { __value__: [1, 2] },
    { path: 'x', meta: {} },
  ],
]

/** One of the words, something awkward, or any JSON. */
export function valueLike(words: readonly string[]): fc.Arbitrary<unknown> {
  return fc.oneof(fc.constantFrom(...words), fc.constantFrom(...awkward), fc.jsonValue({ maxDepth: 3 }))
}

/** A text for a path or a query. */
export function textLike(words: readonly string[]): fc.Arbitrary<string> {
  const texts = awkward.filter((value) => typeof value === 'string')
  return fc.oneof(
    fc.constantFrom(...words),
    fc.constantFrom(...texts),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.integer().map(String),
  )
}

/** One of the bodies with up to three changes somewhere inside, or any object made of the words. */
export function bodyLike(bodies: readonly unknown[], words: readonly string[]): fc.Arbitrary<unknown> {
  const change = fc.record({
    at: fc.nat(),
    value: valueLike(words),
    kind: fc.constantFrom('set', 'drop', 'add'),
  })
  const changed = fc
    .tuple(fc.constantFrom(...bodies), fc.array(change, { maxLength: 3 }))
    .map(([body, changes]) =>
      changes.reduce((value, { at, ...how }) => changeAt(value, at, how), structuredClone(body)),
    )
  const object = fc.dictionary(fc.constantFrom(...words), valueLike(words), { maxKeys: 6 })
  return fc.oneof(
    { weight: 3, arbitrary: changed },
    { weight: 1, arbitrary: object },
    { weight: 1, arbitrary: valueLike(words) },
  )
}

type Change = { readonly value: unknown; readonly kind: string }
type Container = Record<string, unknown> | unknown[]

/** Changes one of all places inside, the `at`-th (modulo their number). */
function changeAt(root: unknown, at: number, { value: given, kind }: Change): unknown {
  const value = structuredClone(given)
  const places = placesOf(root)
  const place = places[at % Math.max(1, places.length)]
  if (place === undefined) return value
  const [container, key] = place
  if (kind === 'drop') Reflect.deleteProperty(container, key)
  else if (kind === 'set') Reflect.set(container, key, value)
  else Reflect.set(container, Array.isArray(container) ? container.length : 'added', value)
  return root
}

function placesOf(value: unknown): (readonly [Container, string])[] {
  if (typeof value !== 'object' || value === null) return []
  const container = value as Container
  return Object.entries(container).flatMap(([key, inner]) => [[container, key] as const, ...placesOf(inner)])
}
