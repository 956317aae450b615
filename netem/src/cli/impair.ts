/** One impairment of one container from begin to end. Whatever happens, it ends with the network as it was. */
import Docker from 'dockerode'
import type { Receipt } from '../agent/receipt.ts'
import { sleep } from '../clock.ts'
import { connectAgent } from '../container/agent-client.ts'
import { agentImage } from '../container/agent-image.ts'
import { sideContainerOptions, startSideContainer } from '../container/side-container.ts'
import { findTarget } from '../container/target.ts'
import type { Arguments } from './arguments.ts'

export type Ending = 'time is up' | 'interrupted' | 'the container stopped'

export type Outcome = { readonly ending: Ending; readonly receipt: Receipt | undefined }

export type Reporter = {
  readonly progress: (line: string) => void
  /** It is in force. */
  readonly applied: (receipt: Receipt) => void
}

/** @param signal aborted by Ctrl-C. @throws NetemError; nothing is impaired then */
export async function impair(args: Arguments, reporter: Reporter, signal: AbortSignal): Promise<Outcome> {
  const docker = new Docker()
  const target = await findTarget(docker, args.container)
  const image = await agentImage(docker, { base: args.base, onProgress: reporter.progress })
  const side = await startSideContainer(docker, sideContainerOptions(image, target, args.device))
  try {
    const agent = await connectAgent(side)
    reporter.applied(await agent.apply(args.impairments))
    const ending = await waitForEnd(docker, target.id, args.forMs, signal)
    return { ending, receipt: await agent.end() }
  } finally {
    side.input.end()
    await side.gone
  }
}

/** With the container its network goes, and the impairment with it. */
async function waitForEnd(
  docker: Docker,
  target: string,
  forMs: number | undefined,
  signal: AbortSignal,
): Promise<Ending> {
  const over = new AbortController()
  const stopped = docker.getContainer(target).wait({ condition: 'not-running', abortSignal: over.signal })
  const timeIsUp = forMs === undefined ? [] : [sleep(forMs, over.signal).then((): Ending => 'time is up')]
  const interrupted = new Promise<Ending>((resolve) => {
    if (signal.aborted) resolve('interrupted')
    signal.addEventListener('abort', () => resolve('interrupted'), { once: true })
  })
  const ends = [stopped.then((): Ending => 'the container stopped'), ...timeIsUp, interrupted]
  for (const end of ends) end.catch(() => undefined)
  try {
    return await Promise.race(ends)
  } finally {
    over.abort()
  }
}
