/** A folder that goes with the process at the latest, however politely it ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atExit } from '../at-exit.ts'

/** Makes it. Disposing removes it. */
export function temporaryFolder(prefix: string): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), prefix))
  const remove = (): void => rmSync(path, { recursive: true, force: true })
  const callOff = atExit(remove)
  return {
    path,
    [Symbol.dispose]: () => {
      callOff()
      remove()
    },
  }
}
