/**
 * The run that is ended at a random moment: three twins under load, each under faults of its own that come and go
 * (protocol, pause, kill; on the docker engine also processor time and memory), so that a moment finds any of them
 * intended, in force, or being healed.
 */
import type { EngineKind } from '@squall/harness'

const rounds = 12
/** Longer than any of them takes from intent to heal, on a busy machine too. */
const roundMs = 1600

type Fault = Readonly<Record<string, unknown>>

/** @param every A fault in each round, or in every second one. */
function recurring(on: string, firstMs: number, forMs: number, fault: Fault, every = 1) {
  return Array.from({ length: rounds / every }, (_, round) => ({
    when: { afterMs: firstMs + round * every * roundMs },
    forMs,
    on,
    fault,
  }))
}

const ofGroups = [
  ...recurring('comfyui', 300, 900, { kind: 'cpu', cpus: 0.2 }),
  ...recurring('litellm', 300 + roundMs, 800, { kind: 'memory' }, 2),
]

export function planFor(engine: EngineKind) {
  return { ...plan, faults: [...plan.faults, ...(engine === 'docker' ? ofGroups : [])] }
}

const plan = {
  title: 'clean',
  topology: { comfyui: 'twin', wan2gp: 'twin', litellm: 'twin' },
  timeScale: 1,
  workload: { kind: 'closed-loop', users: 3, jobsPerUser: 100, mix: ['image', 'video', 'text'] },
  faults: [
    ...recurring('comfyui', 0, 1200, {
      kind: 'protocol',
      point: 'comfyui.ws.*',
      action: { kind: 'delay', ms: 20 },
    }),
    ...recurring('wan2gp', 150, 1000, { kind: 'pause' }),
    ...recurring('litellm', 300, 800, { kind: 'kill' }, 2),
  ],
}
