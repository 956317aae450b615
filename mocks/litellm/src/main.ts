#!/usr/bin/env node
/** Starts the gateway twin from the command line. */
import { runTwin } from '@squall/twin-kit'
import { gatewayFlags } from './settings.ts'
import { liteLlmTwin } from './twin.ts'

/** Loaded for `--check` only. */
const selfCheck = async () => (await import('./self-check/self-check.ts')).selfCheck

await runTwin({ ...liteLlmTwin, defaultPort: 4000, flags: gatewayFlags, selfCheck })
