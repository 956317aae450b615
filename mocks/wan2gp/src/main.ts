#!/usr/bin/env node
/** The twin as a program: `node src/main.ts --port 7860 --data-folder DIR`. */
import { runTwin } from '@squall/twin-kit'
import { flags, wan2gpTwin } from './twin.ts'

await runTwin({ ...wan2gpTwin, defaultPort: 7860, flags })
