/**
 * The run that is ended at a random moment: three twins under load, each under a fault of its own that comes and goes
 * (protocol, pause, kill), so that a moment finds any of them intended, in force, or being healed.
 */
const rounds = 12
/** Longer than any of them takes from intent to heal, on a busy machine too. */
const roundMs = 2000

type Fault = Readonly<Record<string, unknown>>

function recurring(on: string, firstMs: number, forMs: number, fault: Fault) {
  return Array.from({ length: rounds }, (_, round) => ({
    when: { afterMs: firstMs + round * roundMs },
    forMs,
    on,
    fault,
  }))
}

export const plan = {
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
    ...recurring('litellm', 300, 800, { kind: 'kill' }),
  ],
}
