/**
 * Finds what runs have left, or still use, on this machine and in its container engine, by label only. Used for the
 * proof at the end of each run, by `status`, and by `heal`.
 */
import { EngineError } from './engine-error.ts'
import { labels } from './labels.ts'
import { type DockerObjects, type ObjectKind, objectKinds } from './reaper/docker-object.ts'
import { findRunProcesses } from './run-processes.ts'
import { findRunFolders } from './temp-folder.ts'

/** One thing of one run. */
export type Leftover = {
  readonly runId: string
  readonly kind: ObjectKind | 'process' | 'folder'
  /** Container, network or process id; name of a volume; path of a folder. */
  readonly id: string
  /** For people. */
  readonly name: string
  /** Who opened the run (owner.ts), where the thing says so. */
  readonly owner?: string
  /** The thing guards the run: reaper container, or the reaper process named by the folder. Present when it runs. */
  readonly reaper?: string
}

export type LeftoverScope = {
  /** The container engine; without it only this machine's processes and folders are looked at. */
  readonly objects?: DockerObjects
  /** Only this run; all runs when absent. */
  readonly runId?: string
}

/** Everything that carries a run label. */
export async function findLeftovers({ objects, runId }: LeftoverScope): Promise<Leftover[]> {
  const label = runId === undefined ? labels.run : `${labels.run}=${runId}`
  const listed = objects ? await Promise.all(objectKinds.map((kind) => objects.list(kind, [label]))) : []
  const inEngine = listed.flat().map((object): Leftover => {
    const owner = object.labels[labels.owner]
    const guards = object.labels[labels.role] === 'reaper' && object.running === true
    return {
      runId: object.labels[labels.run] ?? '',
      kind: object.kind,
      id: object.id,
      name: object.name,
      ...(owner !== undefined && { owner }),
      ...(guards && { reaper: `container ${object.name}` }),
    }
  })
  return [...inEngine, ...findProcesses(runId), ...findFolders(runId)]
}

/**
 * The proof at the end of a run. @throws EngineError `left-behind`, which names everything that is still there.
 */
export async function provenGone(scope: LeftoverScope & { readonly runId: string }): Promise<void> {
  const { runId } = scope
  const left = await findLeftovers(scope)
  if (left.length === 0) return
  const names = left.map((leftover) => `${leftover.kind} ${leftover.name}`).join(', ')
  throw new EngineError('left-behind', `Cannot prove run ${runId} gone: left are ${names}; run "squall heal"`)
}

function findProcesses(runId: string | undefined): Leftover[] {
  return findRunProcesses(runId).map(({ pid, runId: run, owner }) => {
    return { runId: run, kind: 'process', id: String(pid), name: String(pid), owner }
  })
}

function findFolders(runId: string | undefined): Leftover[] {
  return findRunFolders()
    .filter(({ marker }) => runId === undefined || marker.run === runId)
    .map(({ folder, marker }) => ({
      runId: marker.run,
      kind: 'folder',
      id: folder,
      name: folder,
      owner: marker.owner,
      ...(marker.reaper !== undefined && { reaper: marker.reaper }),
    }))
}
