/** The proof of a clean state: one snapshot before anything is touched, one when everything is removed; no difference. */
import { type CleanReport, compareSnapshots } from '../environment/clean/compare.ts'
import { listenersOn } from '../environment/clean/machine-things.ts'
import { takeSnapshot } from '../environment/clean/take-snapshot.ts'
import type { EngineKind } from '../environment/engine.ts'
import type { Service } from '../services/service.ts'
import { pollUntil } from '../support/poll.ts'

export type CleanProof = {
  /** Looks again, for what belongs to this run. @param services All that were begun: their ports must be free again. */
  conclude(runId: string, services?: readonly Service[]): Promise<CleanReport>
}

/** The kernel takes down sockets and interfaces a moment after their owner is gone. */
const settleMsMax = 2_000

/** Takes the first snapshot. An engine that does not answer is not looked at; the run then fails by itself. */
export async function beginProof(engine: EngineKind): Promise<CleanProof> {
  const docker = engine === 'docker' ? await reachDocker() : undefined
  const before = await takeSnapshot(docker)
  return {
    conclude: async (runId, services = []) => {
      const ports = portsOf(services)
      const compare = async (): Promise<CleanReport> => {
        const [after, listeners] = await Promise.all([takeSnapshot(docker), listenersOn(ports, runId)])
        return compareSnapshots(before, { ...after, things: [...after.things, ...listeners] }, runId)
      }
      let last = await compare()
      if (last.clean) return last
      await pollUntil({
        what: `nothing of run ${runId} is left`,
        everyMs: 100,
        budgetMs: settleMsMax,
        probe: async () => {
          last = await compare()
          return last.clean ? { done: true, value: undefined } : { done: false, saw: last.left.join(', ') }
        },
      }).catch(() => undefined)
      return last
    },
  }
}

/** Half a line for summary and report. */
export function cleanLine({ clean, left, lost, unclaimed, things, beforeMs, afterMs }: CleanReport): string {
  const looked = `${things} things in two looks of ${beforeMs} and ${afterMs} ms`
  const also = unclaimed.length === 0 ? '' : `; nobody claims ${unclaimed.join(', ')}`
  if (clean) return `as before: ${looked}${also}`
  const parts = [...left.map((thing) => `left: ${thing}`), ...lost.map((place) => `not seen again: ${place}`)]
  return `NOT as before: ${parts.join('; ')}${also}`
}

/** Loaded on demand, as the engine itself is. */
async function reachDocker() {
  const { findDocker } = await import('../environment/find-docker.ts')
  return await findDocker().then(
    ({ docker }) => docker,
    () => undefined,
  )
}

/** Those of this machine: whether a port of another is free cannot be seen from here. */
function portsOf(services: readonly Service[]): number[] {
  const placed = services.flatMap(({ unit }) => Object.values(unit?.placement.ports ?? {}))
  return placed.flatMap(({ outside }) => (outside.host === '127.0.0.1' ? [outside.port] : []))
}
