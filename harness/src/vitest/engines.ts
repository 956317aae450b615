/** The engines that suites are run on: both where there is Docker, else the process engine alone. */
import type { EngineKind } from '../environment/engine.ts'

/** `SQUALL_ENGINE=process` means that there is no Docker, or that it is not wanted. */
export const engines: readonly EngineKind[] =
  process.env.SQUALL_ENGINE === 'process' ? ['process'] : ['docker', 'process']
