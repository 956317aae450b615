import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('a twin is loaded without an HTTP client, which would double the time to start', () => {
  const program = `await import(${JSON.stringify(new URL('index.ts', import.meta.url).href)})
    console.log(process.moduleLoadList.filter((name) => name.includes('undici')).join())`
  const loaded = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  expect(loaded.trim()).toBe('')
})
