#!/usr/bin/env node
/** Starts the OpenAI-shaped upstream twin from the command line. */
import { runTwin } from '@squall/twin-kit'
import { openAiFlags } from './settings.ts'
import { openAiTwin } from './twin.ts'

/** Loaded for `--check` only. */
const selfCheck = async () => (await import('./self-check.ts')).selfCheck

await runTwin({ ...openAiTwin, defaultPort: 8001, flags: openAiFlags, selfCheck })
