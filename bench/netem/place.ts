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
  /** The work done under impairments, which are gone afterwards. */
  under<T>(impairments: readonly string[], work: (agent: AgentProcess) => Promise<T>): Promise<T>
}

/** @param everyMs pace of the probes */
export async function withPlace<T>(
  rung: Rung,
  everyMs: number,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const agentArguments = ['--rung', rung]
  await using network = await makeNetwork(15)
  const echo = await startEcho(network)
  return await work({
    rung,
    agentArguments,
    network,
    echo,
    ofProbe: `protocol udp port ${echo.udp}`,
    probe: (options) => probeUdp({ address: network.far.ipv4, port: echo.udp, everyMs, ...options }),
    under: async (impairments, inner) => {
      const agent = await shapeWith(network, agentArguments, ...impairments)
      try {
        return await inner(agent)
      } finally {
        await agent.end()
      }
    },
  })
}
