import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { faultPointsPage, known, knownPoints, page } from './fault-points.ts'

const read = (file: string): string => readFileSync(path.join(import.meta.dirname, '..', file), 'utf8')

test('the page and the list are what the catalogs say; if not, run npm run -s fault-points', () => {
  expect(read(page)).toBe(faultPointsPage())
  expect(read(known)).toBe(knownPoints())
})
