#!/usr/bin/env node
/** The twin as a program: `node src/main.ts --port 7860 --data-folder DIR`. */
import { runTwin } from '@squall/twin-kit'
import { create, name } from './twin.ts'

await runTwin({ name, defaultPort: 7860, create })
