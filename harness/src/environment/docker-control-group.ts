/**
 * Limits of a running container, by the engine's `update`. Facts measured on Engine 20.10, cgroup v1:
 *
 *   - a CPU quota is lifted by -1; 0 means "as it is" (so for every field)
 *   - a memory limit cannot be taken away, only raised: to all the memory the host has
 *   - memory and swap go together, swap included in its number; -1 for swap is refused when memory is raised
 *   - a memory limit below what is in use now is refused on cgroup v1; v2 kills at once
 */
import type Dockerode from 'dockerode'
import type { ControlGroup, GroupLimits, GroupUsage } from './abilities.ts'
import { firstSample, type RawStats } from './container-stats.ts'

const cpuPeriodUs = 100_000
const sampleBudgetMs = 20_000

/** Fields of the engine's update; the same as in the HostConfig of a container. */
type Update = {
  CpuPeriod?: number | undefined
  CpuQuota?: number | undefined
  Memory?: number | undefined
  MemorySwap?: number | undefined
  PidsLimit?: number | undefined
}

/** @param created What the container was started with: the first look at its HostConfig. */
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
  return {
    async limit(limits) {
      const before = await atStart()
      await container().update(await updateOf(docker, limits, before))
    },
    async usage() {
      return toGroupUsage(await firstSample(container(), sampleBudgetMs))
    },
  }
}

async function updateOf(docker: Dockerode, limits: GroupLimits, before: Update): Promise<Update> {
  const { cpus, memoryBytes, tasks } = limits
  const update: Update = {}
  if (cpus !== undefined) {
    update.CpuPeriod = before.CpuPeriod || cpuPeriodUs
    update.CpuQuota = cpus === null ? before.CpuQuota || -1 : Math.round(cpus * update.CpuPeriod)
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
