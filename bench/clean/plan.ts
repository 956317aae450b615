/**
 * The run that is ended at a random moment: three twins under load, with faults that come and go on each, so that a
 * moment finds any of them intended, in force, or being healed. In the middle of each round four kinds are in force
 * at once on the docker engine (protocol, network, pause, memory; where the round has it, processor time instead of
 * memory), and protocol and pause on the process engine, whose units have neither network nor control group.
 */
import { type EngineKind, faultCatalog } from '@squall/harness'

const rounds = 10
/** Longer than any of them takes from intent to heal, on a busy machine too. */
export const roundMs = 2000

type Fault = Readonly<Record<string, unknown>>

/** @param first of the rounds, and in which ones after it: each, or every second one. */
function recurring(on: string, afterMs: number, forMs: number, fault: Fault, { first = 0, every = 1 } = {}) {
  return Array.from({ length: Math.ceil((rounds - first) / every) }, (_, count) => ({
    when: { afterMs: afterMs + (first + count * every) * roundMs },
    forMs,
    on,
    fault,
  }))
}

const everywhere = [
  ...recurring('comfyui', 0, 1500, {
    kind: 'protocol',
    point: 'comfyui.ws.*',
    action: { kind: 'delay', ms: 20 },
  }),
  ...recurring('wan2gp', 200, 1200, { kind: 'pause' }),
]

/** A process that was killed has no memory to limit, so these two take turns on their target. */
const killedNow = recurring('litellm', 300, 800, { kind: 'kill' }, { every: 2 })
const ofDocker = [
  ...recurring('litellm', 200, 1200, { kind: 'memory', headroomMb: 256 }, { first: 1, every: 2 }),
  ...recurring('litellm', 300, 800, { kind: 'kill' }, { every: 4 }),
  ...recurring('litellm', 200, 1200, { kind: 'cpu', cpus: 0.2 }, { first: 2, every: 4 }),
  // Its container takes some 300 ms to start.
  ...('network' in faultCatalog
    ? recurring('comfyui', 0, 1000, { kind: 'network', impair: 'delay 20ms 5ms loss 1%' })
    : []),
]

export function planFor(engine: EngineKind) {
  return {
    title: 'clean',
    topology: { comfyui: 'twin', wan2gp: 'twin', litellm: 'twin' },
    timeScale: 1,
    workload: { kind: 'closed-loop', users: 3, jobsPerUser: 100, mix: ['image', 'video', 'text'] },
    faults: [...everywhere, ...(engine === 'docker' ? ofDocker : killedNow)],
  } as const
}
