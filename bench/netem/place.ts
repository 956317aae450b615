/** Where netem is measured: a namespace beyond a veth pair, with an echo in it, and a shaper on its far side. */

import type { Rung } from '../../netem/src/shaper.ts'
import { type AgentProcess, shapeWith } from '../../netem/src/testing/agent-process.ts'
import { startEcho } from '../../netem/src/testing/echo-process.ts'
import { makeNetwork, type TestNetwork } from '../../netem/src/testing/network.ts'
import { type Echoes, type ProbeOptions, probeUdp } from '../../netem/src/testing/probe-udp.ts'

export type Place = {
  readonly rung: Rung
  /** Arguments for an agent of this rung. */
  readonly agentArguments: readonly string[]
  readonly network: TestNetwork
  readonly echo: { readonly udp: number; readonly tcp: number }
  probe(options: Omit<ProbeOptions, 'address' | 'port' | 'everyMs'>): Promise<Echoes>
  /** Only what the probe sends. */
  readonly ofProbe: string
  /**
   * The work done under impairments, which are gone afterwards. The agent stays, because a slow machine takes seconds
   * to start one; it is started by the first use.
   */
  under<T>(impairments: readonly string[], work: (agent: AgentProcess) => Promise<T>): Promise<T>
}

export type PlaceOptions = {
  readonly rung: Rung
  /** Pace of the probes. */
  readonly everyMs: number
  /** What is measured at the moment. */
  readonly tell: (what: string) => void
}

export async function withPlace<T>(options: PlaceOptions, work: (place: Place) => Promise<T>): Promise<T> {
  const { rung, everyMs, tell } = options
  const agentArguments = ['--rung', rung]
  await using network = await makeNetwork()
  const echo = await startEcho(network)
  const started: { agent?: AgentProcess } = {}
  try {
    return await work({
      rung,
      agentArguments,
      network,
      echo,
      ofProbe: `protocol udp port ${echo.udp}`,
      probe: (more) => probeUdp({ address: network.far.ipv4, port: echo.udp, everyMs, ...more }),
      under: async (impairments, inner) => {
        tell(impairments.join(', '))
        started.agent ??= await shapeWith(network, agentArguments)
        const applied = await started.agent.apply(...impairments)
        if (applied.event !== 'applied') throw new Error(`not applied: ${JSON.stringify(applied)}`)
        const result = await inner(started.agent)
        await started.agent.apply()
        await started.agent.event() // the answer; before it came the receipt of what was in force
        return result
      },
    })
  } finally {
    await started.agent?.end()
  }
}
