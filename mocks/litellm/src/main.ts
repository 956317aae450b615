#!/usr/bin/env node
/** Starts the gateway twin from the command line. */
import { runTwin } from '@squall/twin-kit'
import { gatewayFlags } from './settings.ts'
import { liteLlmTwin } from './twin.ts'

await runTwin({ ...liteLlmTwin, defaultPort: 4000, flags: gatewayFlags })
