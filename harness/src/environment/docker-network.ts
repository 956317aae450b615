/**
 * The network of a container, reached by netem's agent in a container beside it. That one carries the labels of the
 * run, so that it goes with it, and a role of its own. It ends with our connection to the engine, too: the agent's
 * input is a dead man's switch.
 */
import type { Readable } from 'node:stream'
import {
  type AgentClient,
  connectAgent,
  NetemError,
  type SideContainer,
  sideContainerOptions,
  startSideContainer,
} from '@squall/netem'
import type Dockerode from 'dockerode'
import { withDeadline } from '../support/deadline.ts'
import type { NetworkAgent, UnitNetwork } from './abilities.ts'
import { statusOf } from './docker-client.ts'
import { dockerFailure } from './docker-failure.ts'
import { EngineError } from './engine-error.ts'
import { containerName, labels, sideUnitName } from './labels.ts'
import { readLines } from './reaper/lines.ts'

export type DockerNetworkOptions = {
  readonly docker: Dockerode
  readonly runId: string
  /** Name of the unit. */
  readonly unit: string
  readonly container: () => Dockerode.Container
  /** Labels of everything of the run. */
  readonly runLabels: Readonly<Record<string, string>>
  /** Name of the run's network. */
  readonly network: string
  /** Reference of the agent's image, made when it is first asked for. */
  readonly agentImage: () => Promise<string>
}

/** Node starts in 0.2 s, and the agent tries out what the kernel can do; a busy machine takes far longer. */
const openMsMax = 30_000
/** An agent hands on what it holds and goes within 0.2 s; one that does not is removed. */
const closeMsMax = 4_000

export function dockerNetwork(options: DockerNetworkOptions): UnitNetwork {
  const { unit } = options
  return {
    sideUnit: sideUnitName(unit),
    open: async () => {
      const doing = `impair the network of ${unit}`
      try {
        return await openAgent(options, doing)
      } catch (error) {
        // What the agent refused says itself what to do.
        if (error instanceof NetemError && error.code !== 'no-engine') throw error
        throw dockerFailure(error, doing, 'unit-failed', 'look at the log of the engine')
      }
    },
    addressOf: (other) => addressOf(options, other),
    watch: (listener) => watch(options, listener),
  }
}

async function openAgent(options: DockerNetworkOptions, doing: string): Promise<NetworkAgent> {
  const { docker, unit, runId } = options
  const image = await options.agentImage()
  const { Id: id } = await running(options.container(), doing)
  const name = containerName(runId, sideUnitName(unit))
  const { Labels, ...create } = sideContainerOptions(image, { id, name: unit })
  const own = { [labels.unit]: sideUnitName(unit), [labels.role]: 'netem' }
  const side = await startSideContainer(docker, {
    ...{ ...create, name },
    Labels: { ...Labels, ...options.runLabels, ...own },
  })
  const remove = () => removeQuietly(docker.getContainer(name))
  try {
    const agent = await withDeadline(openMsMax, doing, () => connectAgent(side))
    return { ...agent, gone: side.gone, close: () => close(agent, side, remove) }
  } catch (error) {
    await remove()
    throw error
  }
}

/** What does not go by itself is removed: healing must not hang on whom it heals. */
async function close(
  agent: AgentClient,
  side: SideContainer,
  remove: () => Promise<void>,
): ReturnType<NetworkAgent['close']> {
  try {
    return await withDeadline(closeMsMax, 'see the agent go', async () => {
      const receipt = await agent.end().catch(() => undefined)
      await side.gone
      return receipt
    })
  } catch {
    await remove()
    return undefined
  }
}

async function watch(
  { docker, container }: DockerNetworkOptions,
  listener: (what: 'ended' | 'started') => void,
): Promise<Disposable> {
  const stop = new AbortController()
  const filters = { container: [container().id], event: ['start', 'die'] }
  const events: unknown = await docker.getEvents({ filters, abortSignal: stop.signal })
  const stream = events as Readable
  stream.on('error', () => undefined)
  readLines(stream, (line) => {
    const { Action: action } = JSON.parse(line) as { Action: string }
    listener(action === 'start' ? 'started' : 'ended')
  })
  return { [Symbol.dispose]: () => stop.abort() }
}

async function addressOf(options: DockerNetworkOptions, unit: string): Promise<string> {
  const doing = `find the address of ${unit}`
  const container = options.docker.getContainer(containerName(options.runId, unit))
  const { NetworkSettings: settings } = await running(container, doing)
  const address = settings.Networks[options.network]?.IPAddress
  if (address) return address
  throw new EngineError('unit-failed', `Cannot ${doing}: it is not in the network of the run; restart it`)
}

/** @throws EngineError `not-running` */
async function running(container: Dockerode.Container, doing: string) {
  const found = await container.inspect().catch((error: unknown) => {
    if (statusOf(error) !== 404) throw error
    throw new EngineError('not-running', `Cannot ${doing}: its container is gone; start the run again`)
  })
  if (found.State.Running) return found
  throw new EngineError('not-running', `Cannot ${doing}: it does not run; start it first`)
}

/** Gone already, or going, is fine. */
async function removeQuietly(container: Dockerode.Container): Promise<void> {
  await container.remove({ force: true }).catch((error: unknown) => {
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
  })
}
