/**
 * Limits of a running container, by the engine's `update`. Facts measured on Engine 20.10, cgroup v1:
 *
 *   - a CPU quota is lifted by -1; 0 means "as it is" (so for every field)
 *   - a memory limit cannot be taken away, only raised: to all the memory the host has
 *   - memory and swap go together, swap included in its number; -1 for swap is refused when memory is raised
 *   - a memory limit below what is in use now is refused on cgroup v1; v2 kills at once
 */
import type Dockerode from 'dockerode'
import { pollUntil } from '../support/poll.ts'
import type { ControlGroup, GroupLimits, GroupUsage } from './abilities.ts'
import { firstSample, type RawStats } from './container-stats.ts'
import type { Limits } from './reaper/undo/undo.ts'

const cpuPeriodUs = 100_000
const sampleBudgetMs = 20_000
const deathNoticedMsMax = 5_000

/** What the container was started with; the fields of an update have the same names. */
type Update = { readonly [Name in keyof Limits]?: number | undefined }

/** Limits that are lifted go back to what they were at the first look at the container. */
export function dockerControlGroup(docker: Dockerode, container: () => Dockerode.Container): ControlGroup {
  let created: Promise<Update> | undefined
  const atStart = (): Promise<Update> => {
    const first =
      created ??
      container()
        .inspect()
        .then(({ HostConfig: config }): Update => config)
    created = first
    return first
  }
  const asUpdate = async (limits: GroupLimits): Promise<Limits> =>
    await updateOf(docker, limits, await atStart())
  return {
    async limit(limits) {
      await updateLiving(container(), await asUpdate(limits))
    },
    asUpdate,
    async usage() {
      return toGroupUsage(await firstSample(container(), sampleBudgetMs))
    },
  }
}

/** A process that has just died still runs to the engine for a moment, and no more to its runtime, which then refuses. */
async function updateLiving(container: Dockerode.Container, update: Limits): Promise<void> {
  const refusal = await pollUntil<Error | undefined>({
    what: 'the engine knows whether the container runs',
    everyMs: 20,
    budgetMs: deathNoticedMsMax,
    probe: async () => {
      const error = await container.update(update).then(
        () => undefined,
        (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason))),
      )
      const isDying = error?.message.includes('container not running') === true
      return isDying ? { done: false, saw: error.message } : { done: true, value: error }
    },
  })
  if (refusal !== undefined) throw refusal
}

async function updateOf(docker: Dockerode, limits: GroupLimits, before: Update): Promise<Limits> {
  const { cpus, memoryBytes, tasks } = limits
  const update: { -readonly [Name in keyof Limits]: Limits[Name] } = {}
  if (cpus !== undefined) {
    const period = before.CpuPeriod || cpuPeriodUs
    update.CpuPeriod = period
    update.CpuQuota = cpus === null ? before.CpuQuota || -1 : Math.round(cpus * period)
  }
  if (tasks !== undefined) update.PidsLimit = tasks ?? (before.PidsLimit || -1)
  if (memoryBytes !== undefined) {
    const limit = memoryBytes ?? (before.Memory || (await hostMemory(docker)))
    // Without swap of its own: swapping would turn running out of memory into being slow.
    const swap = memoryBytes === null && !before.Memory ? limit : 0
    Object.assign(update, { Memory: limit, MemorySwap: limit + swap })
  }
  return update
}

async function hostMemory(docker: Dockerode): Promise<number> {
  const { MemTotal } = (await docker.info()) as { MemTotal: number }
  return MemTotal
}

function toGroupUsage(raw: RawStats): GroupUsage {
  return {
    throttledPeriods: raw.cpu_stats.throttling_data?.throttled_periods ?? 0,
    memoryBytes: heldMemory(raw.memory_stats),
    tasks: raw.pids_stats?.current ?? 0,
  }
}

/** Without file pages, which the kernel takes back as soon as it needs room. Names of cgroup v1, then v2. */
function heldMemory({ usage = 0, stats = {} }: RawStats['memory_stats']): number {
  const active = stats['total_active_file'] ?? stats['active_file'] ?? 0
  const inactive = stats['total_inactive_file'] ?? stats['inactive_file'] ?? 0
  return Math.max(0, usage - active - inactive)
}
