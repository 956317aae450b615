import { expect, test } from 'vitest'
import { PythonFloat, parsePython, stringifyPython } from './python-json.ts'

// Expected texts are what CPython's json.dumps prints for the same values.
test.each([
  [{ a: [1, 'x', null, true], b: {} }, '{"a": [1, "x", null, true], "b": {}}'],
  [{ a: undefined, b: 'é\u{1F98A}\u007f\n"' }, '{"b": "\\u00e9\\ud83e\\udd8a\\u007f\\n\\""}'],
  [[new PythonFloat(8), 0.5, 1e-7, new PythonFloat(1e22)], '[8.0, 0.5, 1e-07, 1e+22]'],
  [[NaN, 18446744073709551615n, 2 ** 60], '[NaN, 18446744073709551615, 1152921504606846976]'],
])('%o', (value, text) => {
  expect(stringifyPython(value)).toBe(text)
})

test('64-bit seeds survive parsing', () => {
  const text = '{"seed": 18446744073709551615, "cfg": 7.5}'
  expect(stringifyPython(parsePython(text))).toBe(text)
})
