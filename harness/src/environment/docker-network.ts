/**
 * The network of a container, reached by netem's agent in a container beside it. That one carries the labels of the
 * run, so that it goes with it, and a role of its own. It ends with our connection to the engine, too: the agent's
 * input is a dead man's switch.
 */
import type { Readable } from 'node:stream'
import {
  connectAgent,
  connectEffect,
  effectContainerOptions,
  NetemError,
  type SideContainer,
  sideContainerOptions,
  startSideContainer,
  type Target,
} from '@squall/netem'
import type Dockerode from 'dockerode'
import { withDeadline } from '../support/deadline.ts'
import type { UnitNetwork } from './abilities.ts'
import { statusOf } from './docker-client.ts'
import { dockerFailure } from './docker-failure.ts'
import { EngineError } from './engine-error.ts'
import { containerName, labels, type SideHarm, sideUnitName } from './labels.ts'
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
/** An agent goes within 0.2 s, on the kernel rung of a slow machine within 5 s; one that does not is removed. */
const closeMsMax = 10_000

export function dockerNetwork(options: DockerNetworkOptions): UnitNetwork {
  const { unit } = options
  return {
    sideUnit: sideUnitName(unit),
    effectUnit: (name) => sideUnitName(unit, name),
    open: () => openAgent(options, { harm: 'netem', create: sideContainerOptions, connect: connectAgent }),
    openEffect: (name) =>
      openAgent(options, {
        harm: name,
        create: (image, target) => effectContainerOptions(image, target, name),
        connect: (side) => connectEffect(side),
      }),
    addressOf: (other) => addressOf(options, other),
    watch: (listener) => watch(options, listener),
  }
}

/** A client of an agent: how to make the container, and how to speak with what is in it. */
type Way<Client> = {
  readonly harm: SideHarm
  readonly create: (image: string, target: Target) => Dockerode.ContainerCreateOptions
  readonly connect: (side: SideContainer) => Promise<Client>
}

/** Heals at its end, and gives the last receipt if it left one. */
type Ending<Receipt> = { end(): Promise<Receipt | undefined> }

type Opened<Receipt, Client> = Client & {
  readonly gone: Promise<void>
  readonly close: () => Promise<Receipt | undefined>
}

/** @throws NetemError as the agent refused, EngineError */
async function openAgent<Receipt, Client extends Ending<Receipt>>(
  options: DockerNetworkOptions,
  way: Way<Client>,
): Promise<Opened<Receipt, Client>> {
  const doing = `impair the network of ${options.unit}`
  try {
    return await openBeside(options, way, doing)
  } catch (error) {
    // What the agent refused says itself what to do.
    if (error instanceof NetemError && error.code !== 'no-engine') throw error
    throw dockerFailure(error, doing, 'unit-failed', 'look at the log of the engine')
  }
}

async function openBeside<Receipt, Client extends Ending<Receipt>>(
  options: DockerNetworkOptions,
  way: Way<Client>,
  doing: string,
): Promise<Opened<Receipt, Client>> {
  const { docker, unit, runId } = options
  const image = await options.agentImage()
  const { Id: id } = await running(options.container(), doing)
  const sideUnit = sideUnitName(unit, way.harm)
  const name = containerName(runId, sideUnit)
  const { Labels, ...create } = way.create(image, { id, name: unit })
  const side = await startSideContainer(docker, {
    ...{ ...create, name },
    Labels: { ...Labels, ...options.runLabels, [labels.unit]: sideUnit, [labels.role]: 'netem' },
  })
  const remove = () => removeQuietly(docker.getContainer(name))
  try {
    const agent = await withDeadline(openMsMax, doing, () => way.connect(side))
    return { ...agent, gone: side.gone, close: () => close(agent, side, remove) }
  } catch (error) {
    await remove()
    throw error
  }
}

/** What does not go by itself is removed: healing must not hang on whom it heals. */
async function close<Receipt>(
  agent: Ending<Receipt>,
  side: SideContainer,
  remove: () => Promise<void>,
): Promise<Receipt | undefined> {
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
    throw new EngineError(
      'not-running',
      `Cannot ${doing}: it has no container in this run; start it, or name another`,
    )
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
