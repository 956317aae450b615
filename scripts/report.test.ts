import { expect, test } from 'vitest'
import { withoutAnalytics } from './report.ts'

test('takes the analytics tag out, in both spellings, and leaves the rest', () => {
  const page = [
    '<script>keep(1)</script>',
    '<script async src="https://www.googletagmanager.com/gtag/js?id=G-X"></script>',
    '<script>window.dataLayer = []; load("googletagmanager"); gtag("config")</script>',
    '<script>keep(2)</script>',
  ].join('\n')
  const cleaned = withoutAnalytics(page)
  expect(cleaned).not.toContain('googletagmanager')
  expect(cleaned).toContain('keep(1)')
  expect(cleaned).toContain('keep(2)')
})

test('a page with the results of thousands of tests is no trouble', () => {
  const results = `<script>data("${'googletagmanager?'.repeat(2_000_000)}")</script>`
  expect(withoutAnalytics(`${results}<script>load("googletagmanager")</script>`)).toBe(results)
})
