/** Talking to the agent that impairs packets. */
import type { Receipt } from '../agent/receipt.ts'
import type { Impairment } from '../spec/impairment.ts'
import { type AgentStreams, connectLines, type LinesClient } from './agent-lines.ts'

export type AgentClient = LinesClient<readonly Impairment[], Receipt>

/** @throws NetemError `shaper-died`, or as the agent refused to start */
export async function connectAgent(streams: AgentStreams): Promise<AgentClient> {
  return await connectLines(streams, {
    request: (impairments: readonly Impairment[]) => ({ impairments }),
    isAny: (impairments) => impairments.length > 0,
  })
}
