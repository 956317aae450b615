/** Vitest reads this file; the projects are listed in `vitest.workspace.ts`. */
import { defineConfig } from 'vitest/config'
import { projects } from './vitest.workspace.ts'

/** What is waited for has as long as a busy machine may take; Vitest's own 1 s is less than a container needs to start. */
const patience = { poll: { timeout: 10_000 } }

// Reporters are chosen by scripts/run-tests.ts, so that a run by hand does not write into the report of another.
export default defineConfig({ test: { projects, retry: 0, expect: patience } })
