/** For the one test beside it, which is made to fail and no part of the project's own. */
import { fileURLToPath } from 'node:url'

// biome-ignore lint/style/noDefaultExport: Vitest reads the default export
export default {
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: {
    include: ['throwing.test.ts'],
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 60_000,
    cache: false,
  },
}
