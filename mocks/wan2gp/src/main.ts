#!/usr/bin/env node
/**
 * The twin as a program: `node src/main.ts --port 7860 --data-folder DIR`. The compile cache is switched on before
 * anything else is loaded: it saves the type stripping of every file.
 */
import { enableCompileCache } from 'node:module'

enableCompileCache()
const [{ runTwin }, { flags, wan2gpTwin }] = await Promise.all([
  import('@squall/twin-kit'),
  import('./twin.ts'),
])

/** Loaded for `--check` only. */
const selfCheck = async () => (await import('./self-check.ts')).selfCheck

await runTwin({ ...wan2gpTwin, defaultPort: 7860, flags, selfCheck })
