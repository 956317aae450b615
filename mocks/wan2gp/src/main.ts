#!/usr/bin/env node
/** The twin as a program: `node src/main.ts --port 7860 --data-folder DIR`. */
import { runTwin } from '@squall/twin-kit'
import { flags, wan2gpTwin } from './twin.ts'

/** Loaded for `--check` only. */
const selfCheck = async () => (await import('./self-check.ts')).selfCheck

await runTwin({ ...wan2gpTwin, defaultPort: 7860, flags, selfCheck })
