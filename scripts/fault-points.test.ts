import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { faultPointsPage } from './fault-points.ts'

test('docs/fault-points.md is what the catalogs say; if not, run npm run -s fault-points', () => {
  const page = readFileSync(path.join(import.meta.dirname, '..', 'docs', 'fault-points.md'), 'utf8')
  expect(page).toBe(faultPointsPage())
})
