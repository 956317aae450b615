#!/usr/bin/env node
/**
 * Entry point of the twin. The compile cache is switched on before anything else is loaded: it saves the type
 * stripping of every file and with it about half of the start-up time.
 */
import { enableCompileCache } from 'node:module'

enableCompileCache()
const [{ runTwin }, { comfyuiTwin }] = await Promise.all([
  import('@squall/twin-kit'),
  import('./comfyui-twin.ts'),
])
await runTwin(comfyuiTwin)
