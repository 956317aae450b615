/** What other packages may use of netem. The rungs themselves run in the agent, beside what they impair. */
export type { AgentEvent, EndReason, Receipt } from './agent/receipt.ts'
export { type AgentClient, connectAgent } from './container/agent-client.ts'
export { agentFiles, agentHash, type ImageFiles } from './container/agent-files.ts'
export { agentImage, agentReference } from './container/agent-image.ts'
export type { AgentStreams, LinesClient } from './container/agent-lines.ts'
export {
  connectEffect,
  type EffectClient,
  type EffectName,
  type Effects,
  effectContainerOptions,
} from './container/effect-container.ts'
export { noteUse, pruneImages } from './container/old-images.ts'
export {
  probeEngine,
  type SideContainer,
  sideContainerOptions,
  startSideContainer,
} from './container/side-container.ts'
export { findTarget, type Target } from './container/target.ts'
export { NetemError, type NetemErrorCode } from './errors.ts'
export { asLinkHarms } from './link/as-link-harms.ts'
export { type ActiveLinkHarm, type Link, openLink } from './link/link.ts'
export type { HarmCounts } from './link/link-counts.ts'
export { type LinkHarm, parseLinkHarm } from './link/link-spec.ts'
export { writeLinkHarm } from './link/write-harm.ts'
export type { NamesReceipt } from './names/start-names.ts'
export type { PartitionReceipt } from './partition/start-partition.ts'
export { whyNotByQueue } from './queue/why-not-by-queue.ts'
export type { Finding } from './rung/probe.ts'
export { type Counts, type Rung, rungs, type StepDown, type Way } from './shaper.ts'
export type { Direction, Impairment, PacketFilter } from './spec/impairment.ts'
export { parseImpairmentText } from './spec/parse-text.ts'
export { isPreset, type Preset, type PresetName, presets } from './spec/presets.ts'
export { parseImpairment } from './spec/validate.ts'
export { writeImpairment } from './spec/write-text.ts'
