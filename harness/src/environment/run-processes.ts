/**
 * The processes of runs on this machine, by what their environment says: the run, and who opened it. Both must be
 * there: somebody who merely exported one of the variables in a shell is nobody of ours. Processes of containers
 * carry the variables too and are seen from outside; they belong to their container and are left to it.
 */
import { readlinkSync } from 'node:fs'
import { variables } from './labels.ts'
import { processesWithVariable, processRow, variableOf } from './process-table.ts'

export type RunProcess = { readonly pid: number; readonly runId: string; readonly owner: string }

/** Without the caller's own. Linux only; empty elsewhere. @param runId All runs when absent. */
export function findRunProcesses(runId?: string): RunProcess[] {
  const here = pidNamespace('self')
  return processesWithVariable(variables.run, runId).flatMap(({ pid, value }) => {
    const owner = variableOf(String(pid), variables.owner)
    const ours = owner !== undefined && pid !== process.pid && pidNamespace(String(pid)) === here
    return ours && processRow(pid) !== undefined ? [{ pid, runId: value, owner }] : []
  })
}

/** Unreadable counts as a namespace of its own. */
function pidNamespace(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return `unknown of ${pid}`
  }
}
