/** Where harm would be done, as far as that decides which faults are possible. Looks; starts nothing. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { EngineKind } from '../environment/engine.ts'
import type { Place } from '../faults/fault.ts'

/** @param networkRungs What was found out about them, if it was. */
export function placeOf(engine: EngineKind, networkRungs?: Place['networkRungs']): Place {
  const { platform } = process
  return { engine, platform, prlimit: platform === 'linux' && isInstalled('prlimit'), networkRungs }
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
