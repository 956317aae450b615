/**
 * Removes what dead runs have left. A run is dead when the process that opened it is gone and no reaper guards it any
 * more; a run whose lease is in force has a reaper, and a run that just lost its harness is the reaper's business.
 * Nothing without the run label is ever touched.
 */
import { isRunId, labels } from './labels.ts'
import { findLeftovers, type Leftover } from './leftovers.ts'
import { ownerIsAlive } from './owner.ts'
import { removeStaleReservations } from './ports.ts'
import type { DockerObjects } from './reaper/docker-object.ts'
import { endProcesses } from './reaper/end-processes.ts'
import type { Reaped } from './reaper/reaped.ts'
import { removeLabelled } from './reaper/remove-labelled.ts'
import { takeReports } from './reaper-reports.ts'
import { removeRunFolder } from './temp-folder.ts'

export type FoundRun = {
  readonly runId: string
  readonly dead: boolean
  /** Why it counts as dead or not, for people. */
  readonly why: string
  readonly things: readonly Leftover[]
}

export type RunRemoval = {
  readonly runId: string
  readonly removed: readonly Leftover[]
  /** Still there at the end of the budget; empty when all is well. */
  readonly left: readonly Leftover[]
  /** What the engine said last about something that is left. */
  readonly lastError?: string
}

export type HealReport = {
  readonly healed: readonly RunRemoval[]
  /** What reapers did since somebody last looked. */
  readonly reaped: readonly Reaped[]
  readonly kept: readonly FoundRun[]
}

/** The container engine, when there is one; without it only processes and folders of this machine are seen. */
export type HealScope = { readonly objects?: DockerObjects }

const removalBudgetMs = 30_000

/** Every run of which there is anything. */
export async function listRuns(scope: HealScope): Promise<FoundRun[]> {
  const runs = Map.groupBy(await findLeftovers(scope), (leftover) => leftover.runId)
  return [...runs].map(([runId, things]) => ({ runId, ...judge(things), things }))
}

/** Removes every dead run. */
export async function heal(scope: HealScope): Promise<HealReport> {
  const runs = await listRuns(scope)
  const dead = runs.filter((run) => run.dead)
  const healed = await Promise.all(dead.map((run) => removeRun(run.runId, scope)))
  removeStaleReservations()
  return { healed, reaped: takeReports(), kept: runs.filter((run) => !run.dead) }
}

/** Removes one run with all it has, its reaper included, dead or not. */
export async function removeRun(runId: string, scope: HealScope): Promise<RunRemoval> {
  const before = await findLeftovers({ ...scope, runId })
  const removal = scope.objects
    ? await removeLabelled({
        objects: scope.objects,
        filters: [[`${labels.run}=${runId}`]],
        spare: () => false,
        budgetMs: removalBudgetMs,
      })
    : undefined
  const reapers = before.flatMap(({ kind, reaper }) => (kind === 'folder' && reaper ? [reaper] : []))
  await endProcesses({ runId, registered: reapers, budgetMs: removalBudgetMs })
  if (isRunId(runId)) removeRunFolder(runId)
  const left = await findLeftovers({ ...scope, runId })
  const isLeft = (thing: Leftover): boolean =>
    left.some(({ kind, id }) => kind === thing.kind && id === thing.id)
  return {
    runId,
    removed: before.filter((thing) => !isLeft(thing)),
    left,
    ...(removal?.lastError !== undefined && { lastError: removal.lastError }),
  }
}

/** A harness on another host cannot be seen from here; its reaper can, and there is no run without one. */
function judge(things: readonly Leftover[]): { dead: boolean; why: string } {
  const owners = new Set(things.flatMap(({ owner }) => owner ?? []))
  const living = [...owners].find((owner) => ownerIsAlive(owner) === true)
  if (living !== undefined) return { dead: false, why: `its harness runs (process ${living.split(':')[1]})` }
  const reaper = things.find(({ kind, reaper }) =>
    kind !== 'folder' ? reaper : reaper && ownerIsAlive(reaper),
  )
  if (reaper)
    return { dead: false, why: 'its reaper runs: a lease is in force, or it is about to be removed' }
  if (owners.size === 0) return { dead: false, why: 'nothing of it says who opened it' }
  return { dead: true, why: 'neither its harness nor its reaper runs' }
}
