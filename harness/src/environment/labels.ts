/**
 * How everything of a run is marked, so that it can be found and removed by what it carries and never by a guess.
 * Containers, networks and volumes carry labels; processes carry the same facts in their environment; temp folders
 * carry a marker file (`temp-folder.ts`). These keys are spelled in this file only.
 */
import type { EffectName } from '@squall/netem'

/** Label keys. A thing without `run` is not ours and is never touched. */
export const labels = {
  /** The run it belongs to. */
  run: 'dev.squall.run',
  /** Who opened the run; see owner.ts. */
  owner: 'dev.squall.owner',
  /** When the run was opened, ISO 8601. */
  created: 'dev.squall.created',
  /** Name of the unit; absent on the network and the reaper. */
  unit: 'dev.squall.unit',
  /** `reaper` on the reaper's container, `netem` on one beside a unit that impairs its network; absent elsewhere. */
  role: 'dev.squall.role',
} as const

/** testcontainers and its Ryuk know a reaper by this label; ours must not be swept away by theirs, nor theirs by ours. */
export const ryukLabel = 'org.testcontainers.ryuk'

/** Environment variables of every process of a run (in containers too, for people who look inside). */
export const variables = {
  run: 'SQUALL_RUN',
  unit: 'SQUALL_UNIT',
  /** On processes of the process engine only; see run-processes.ts. */
  owner: 'SQUALL_OWNER',
} as const

const runIdShape = /^[a-z0-9][a-z0-9-]{0,39}$/
const unitNameShape = /^[a-z][a-z0-9-]{0,39}$/

/** Whether Squall can have made it; anybody can write a label. */
export function isRunId(text: string): boolean {
  return runIdShape.test(text)
}

/**
 * Run ids become labels, network names and folder names, unit names become DNS names: both are kept to what all of
 * these allow. @throws RangeError, because a wrong one is a bug of the caller.
 */
export function checkRunId(runId: string): string {
  if (!isRunId(runId)) throw new RangeError(`run id "${runId}" does not match ${runIdShape}`)
  return runId
}

/** The container of a unit of a run. */
export function containerName(runId: string, unit: string): string {
  return `squall-${runId}-${unit}`
}

/** The container beside a unit that harms its network, as a unit of its own; one for each kind of harm. */
export function sideUnitName(unit: string, harm: SideHarm = 'netem'): string {
  return `${unit.slice(0, 30)}-${harm}`
}
export type SideHarm = 'netem' | EffectName

/** Whether a unit can be called so. */
export function isUnitName(text: string): boolean {
  return unitNameShape.test(text)
}

/** See checkRunId. */
export function checkUnitName(name: string): string {
  if (!isUnitName(name)) throw new RangeError(`unit name "${name}" does not match ${unitNameShape}`)
  return name
}
