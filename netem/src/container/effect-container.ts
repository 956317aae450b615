/** The agent beside a container for what `agent/effects.ts` names: the same container with fewer privileges. */
import { createInterface } from 'node:readline'
import type { ContainerCreateOptions } from 'dockerode'
import type { EffectEvent } from '../agent/effect-agent.ts'
import { NetemError } from '../errors.ts'
import type { NamesFault } from '../names/names-fault.ts'
import type { NamesReceipt } from '../names/start-names.ts'
import type { Partition } from '../partition/partition.ts'
import type { PartitionReceipt } from '../partition/start-partition.ts'
import type { AgentStreams } from './agent-client.ts'
import { sideContainerOptions } from './side-container.ts'
import type { Target } from './target.ts'

/** Name of an effect → what it is told and what it tells. */
export type Effects = {
  readonly partition: { readonly what: Partition; readonly receipt: PartitionReceipt }
  readonly names: { readonly what: NamesFault; readonly receipt: NamesReceipt }
}
export type EffectName = keyof Effects

/** NET_ADMIN alone: rules of the packet filter. Nothing is sent or taken by hand, and no eBPF is loaded. */
export function effectContainerOptions(
  image: string,
  target: Target,
  name: EffectName,
): ContainerCreateOptions {
  const options = sideContainerOptions(image, target)
  return {
    ...options,
    Cmd: [name],
    HostConfig: { ...options.HostConfig, CapAdd: ['NET_ADMIN'], Devices: [] },
  }
}

export type EffectClient<Name extends EffectName> = {
  /** Puts it in force instead of what was. @throws NetemError as the agent refused it; the old stays in force */
  apply(what: Effects[Name]['what']): Promise<Effects[Name]['receipt']>
  report(): Promise<Effects[Name]['receipt']>
  /** Heals; the last receipt, if anything was in force. */
  end(): Promise<Effects[Name]['receipt'] | undefined>
}

/** One request at a time. @throws NetemError `shaper-died`, or as the agent refused to start */
export async function connectEffect<Name extends EffectName>(
  streams: AgentStreams,
): Promise<EffectClient<Name>> {
  type Receipt = Effects[Name]['receipt']
  const lines = createInterface({ input: streams.output })[Symbol.asyncIterator]()
  const answer = async (wanted: EffectEvent<object>['event']): Promise<Receipt> => {
    for (;;) {
      const line = await lines.next()
      if (line.done) throw gone(streams.complaints())
      const event = JSON.parse(line.value) as EffectEvent<object>
      if (event.event === 'refused') throw new NetemError(event.code, event.message)
      if (event.event === wanted) return event as Receipt
    }
  }
  const ask = async (request: object, wanted: 'applied' | 'report'): Promise<Receipt> => {
    streams.input.write(`${JSON.stringify(request)}\n`)
    return await answer(wanted)
  }
  await answer('ready')
  let isAny = false
  return {
    apply: async (what) => {
      const receipt = await ask({ do: 'apply', what }, 'applied')
      isAny = true
      return receipt
    },
    report: async () => await ask({ do: 'report' }, 'report'),
    end: async () => {
      streams.input.end()
      return isAny ? await answer('ended') : undefined
    },
  }
}

function gone(complaints: string): NetemError {
  const said = complaints.split('\n').find((it) => /^\w*Error\b/.test(it)) ?? ''
  return new NetemError('shaper-died', `Cannot go on: the agent is gone${said && `; it said: ${said}`}`)
}
