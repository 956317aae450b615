/** The agent beside a container for what `agent/effects.ts` names: the same container with fewer privileges. */
import type { ContainerCreateOptions } from 'dockerode'
import type { NamesFault } from '../names/names-fault.ts'
import type { NamesReceipt } from '../names/start-names.ts'
import type { Partition } from '../partition/partition.ts'
import type { PartitionReceipt } from '../partition/start-partition.ts'
import { type AgentStreams, connectLines, type LinesClient } from './agent-lines.ts'
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

export type EffectClient<Name extends EffectName> = LinesClient<
  Effects[Name]['what'],
  Effects[Name]['receipt']
>

/** @throws NetemError `shaper-died`, or as the agent refused to start */
export async function connectEffect<Name extends EffectName>(
  streams: AgentStreams,
): Promise<EffectClient<Name>> {
  return await connectLines(streams, {
    request: (what: Effects[Name]['what']) => ({ what }),
    isAny: () => true,
  })
}
