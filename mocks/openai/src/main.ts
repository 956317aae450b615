#!/usr/bin/env node
/**
 * Starts the OpenAI-shaped upstream twin from the command line. The compile cache is switched on before anything else
 * is loaded: it saves the type stripping of every file.
 */
import { enableCompileCache } from 'node:module'

enableCompileCache()
const [{ runTwin }, { openAiFlags }, { openAiTwin }] = await Promise.all([
  import('@squall/twin-kit'),
  import('./settings.ts'),
  import('./twin.ts'),
])

/** Loaded for `--check` only. */
const selfCheck = async () => (await import('./self-check.ts')).selfCheck

await runTwin({ ...openAiTwin, defaultPort: 8001, flags: openAiFlags, selfCheck })
