/**
 * What tests of a shaper stand on: a network of their own with an echo at its far end, there before the first of them
 * and gone after the last; and measuring from its near end.
 */
import { afterAll, beforeAll } from 'vitest'
import type { Counts } from '../shaper.ts'
import { shapeWith } from './agent-process.ts'
import { startEcho } from './echo-process.ts'
import { makeNetwork, type TestNetwork } from './network.ts'
import { type Echoes, type ProbeOptions, probeUdp } from './probe-udp.ts'

/** A namespace, a veth pair and a Node; a slow machine takes far longer. */
const startMsMax = 60_000

type Measured = { readonly echoes: Echoes; readonly counted: Required<Counts>; readonly lost: number }

export type ShaperLab = {
  /** To be read inside a test only. */
  readonly network: TestNetwork
  readonly echo: Awaited<ReturnType<typeof startEcho>>
  /** Words of a filter: only the packets of the probe, so that the kernel's own do not shift the draws. */
  readonly ofProbe: () => string
  /** As usual in the lab, but for what is said. */
  readonly probe: (options?: Partial<ProbeOptions>) => Promise<Echoes>
  /** Whether a packet comes back at once. */
  readonly passes: () => Promise<boolean>
  /** Impairs, probes, heals; gives the echoes and what the last receipt of a rung that counts everything said. */
  measure(args: readonly string[], impairment: string, options?: Partial<ProbeOptions>): Promise<Measured>
}

/** To be called where tests are described. @param usual how the lab probes; 1 ms apart, and for 1 s, when left out */
export function shaperLab(usual: { count: number; everyMs?: number; patienceMs?: number }): ShaperLab {
  const made: { network?: TestNetwork; echo?: ShaperLab['echo'] } = {}
  beforeAll(async () => {
    made.network = await makeNetwork()
    made.echo = await startEcho(made.network)
  }, startMsMax)
  afterAll(async () => await made.network?.[Symbol.asyncDispose](), startMsMax)
  const lab: ShaperLab = {
    get network() {
      return there(made.network)
    },
    get echo() {
      return there(made.echo)
    },
    ofProbe: () => `protocol udp port ${lab.echo.udp}`,
    probe: (options = {}) =>
      probeUdp({
        ...{ address: lab.network.far.ipv4, port: lab.echo.udp, everyMs: 1, patienceMs: 1000 },
        ...{ ...usual, ...options },
      }),
    passes: async () => (await lab.probe({ count: 1, patienceMs: 20 })).order.length > 0,
    async measure(args, impairment, options) {
      await using agent = await shapeWith(lab.network, args, impairment)
      const echoes = await lab.probe(options)
      const { last } = await agent.end()
      if (last?.event !== 'ended') throw new Error(`no receipt: ${JSON.stringify(last)}`)
      const lost = echoes.times.filter((times) => times === 0).length
      return { echoes, counted: last.after as Required<Counts>, lost }
    },
  }
  return lab
}

function there<T>(it: T | undefined): T {
  if (it === undefined) throw new Error('the lab is not open: read it inside a test')
  return it
}
