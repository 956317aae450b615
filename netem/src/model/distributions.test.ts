import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { tableOf } from './distributions.ts'

/** Debian keeps them in /usr/lib/<machine>/tc, others in /usr/lib/tc. */
const folder = ['/usr/lib/tc', ...globSync('/usr/lib/*/tc')].find((it) => existsSync(`${it}/normal.dist`))

describe('tables', () => {
  test.skipIf(folder === undefined)('are those of the installed iproute2, number by number', () => {
    for (const name of ['normal', 'pareto', 'paretonormal'] as const) {
      const text = readFileSync(`${folder}/${name}.dist`, 'utf8').replaceAll(/^#.*$/gm, '')
      expect([...(tableOf(name) ?? [])], name).toEqual(text.trim().split(/\s+/).map(Number))
    }
  })

  // For machines without iproute2: first, second, middle and last entry of its files.
  test.each([
    ['normal', [-32_768, -28_307, 0, 28_858]],
    ['pareto', [-5461, -5460, -2622, 32_767]],
    ['paretonormal', [-12_305, -11_171, -1966, 31_789]],
  ] as const)('%s has the ends and the middle of iproute2', (name, expected) => {
    const table = tableOf(name)
    expect([0, 1, 2048, 4095].map((index) => table?.[index])).toEqual(expected)
  })

  test('uniform needs none', () => {
    expect(tableOf('uniform')).toBeUndefined()
  })
})
