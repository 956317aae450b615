/** Vitest reads this file; the projects are listed in `vitest.workspace.ts`. */
import { defineConfig } from 'vitest/config'
import { projects } from './vitest.workspace.ts'

// Reporters are chosen by scripts/run-tests.ts, so that a run by hand does not write into the report of another.
export default defineConfig({ test: { projects, retry: 0 } })
