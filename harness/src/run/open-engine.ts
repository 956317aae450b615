/** Opens the engine of a run, and says how programs are got for it: images for containers, scripts for processes. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Engine } from '../environment/engine.ts'
import { openProcessEngine } from '../environment/process-engine.ts'
import { type ProgramSupply, processPrograms } from '../services/programs.ts'
import type { StackOptions } from './stack.ts'

export type OpenedEngine = { readonly engine: Engine; readonly programs: ProgramSupply }

/** @throws EngineError when the engine does not answer; the message says what to do. */
export async function openEngine(options: StackOptions): Promise<OpenedEngine> {
  const onReaperLost = (error: Error): void => options.onReaperLost?.(error.message)
  const engine = await openProcessEngine({ runId: options.runId, onReaperLost })
  return { engine, programs: processPrograms(twinEntry) }
}

/** The main script of a twin, as installed in the project that Squall runs in. */
function twinEntry(twin: string): string {
  const require = createRequire(join(process.cwd(), 'package.json'))
  const manifest = require.resolve(`@squall/twin-${twin}/package.json`)
  const { bin } = require(manifest) as { bin: Record<string, string> }
  return join(manifest, '..', Object.values(bin)[0] ?? '')
}
