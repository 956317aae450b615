/**
 * Events delivered over WebSockets: a crowd of followers of the ComfyUI twin, each with jobs of its own, and the same
 * crowd on a null server that sends as many messages. Clients live in a process of their own. Most of the twin's
 * frames are `status`, which goes to everybody at each change of the queue, as on the real server: N followers with
 * one job each are at least 3 x N x N frames.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { firstLine, programScript, type Server } from './server.ts'
import type { Rate } from './throughput.ts'

export type Delivery = Rate & {
  readonly followers: number
  readonly frames: number
  /** From the first submission to the moment when every follower knew that its last job had ended. */
  readonly ms: number
}

type Outcome = {
  readonly ms: number
  readonly frames: number
  readonly statuses: number
  readonly ends: number
}

/** Each follower hands in `jobsEach` jobs. @throws if anybody missed an end. */
export async function measureFollowing(
  server: Server,
  followers: number,
  jobsEach: number,
): Promise<Delivery> {
  const delivery = await measure(server, [String(followers), String(jobsEach)])
  if (delivery.ends !== followers * jobsEach)
    throw new Error(`Cannot count: ${delivery.ends} ends of ${followers * jobsEach} jobs`)
  return delivery
}

/** The null server sends `messages` messages to each follower. */
export function measureNull(server: Server, followers: number, messages: number): Promise<Delivery> {
  return measure(server, [String(followers), '0', String(messages)])
}

async function measure(server: Server, args: readonly string[]): Promise<Delivery & { ends: number }> {
  const child = spawn(process.execPath, [programScript('follow'), server.url, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const { connected } = JSON.parse(await firstLine(child)) as { connected: number }
  const cpuBefore = server.cpuMs()
  child.stdin.write('go\n')
  const outcome = JSON.parse(await firstLine(child)) as Outcome
  const cpuSeconds = (server.cpuMs() - cpuBefore) / 1000
  if (child.exitCode === null) await once(child, 'exit')
  const { ms, frames, ends } = outcome
  return {
    followers: connected,
    frames,
    ends,
    ms,
    perSecond: frames / (ms / 1000),
    perCore: frames / cpuSeconds,
  }
}
