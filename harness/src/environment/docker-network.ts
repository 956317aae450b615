/**
 * The network of a container, reached by netem's agent in a container beside it. That one carries the labels of the
 * run, so that it goes with it, and a role of its own. It ends with our connection to the engine, too: the agent's
 * input is a dead man's switch.
 */
import type { Readable } from 'node:stream'
import {
  connectAgent,
  connectEffect,
  type EffectName,
  type Effects,
  effectContainerOptions,
  type LinesClient,
  NetemError,
  type SideContainer,
  sideContainerOptions,
  startSideContainer,
  type Target,
} from '@squall/netem'
import type Dockerode from 'dockerode'
import { withDeadline } from '../support/deadline.ts'
import type { SideAgent, UnitNetwork } from './abilities.ts'
import { statusOf } from './docker-client.ts'
import { dockerFailure } from './docker-failure.ts'
import { EngineError } from './engine-error.ts'
import { containerName, labels, type SideHarm, sideUnitName } from './labels.ts'
import { readLines } from './reaper/lines.ts'
import { StandBy } from './stand-by.ts'

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
/**
 * An agent hands on what it holds and says so within 0.2 s, on the kernel rung of a slow machine within 4 s, and is gone
 * soon after; one that does not is removed.
 */
const closeMsMax = 6_000

export function dockerNetwork(options: DockerNetworkOptions): UnitNetwork & AsyncDisposable {
  const packets = besideUnit(options, {
    harm: 'netem',
    create: sideContainerOptions,
    connect: connectAgent,
  })
  const effects = {
    partition: besideUnit(options, effectWay('partition')),
    names: besideUnit(options, effectWay('names')),
  }
  return {
    packets,
    effects,
    addressOf: (other) => addressOf(options, other),
    watch: (listener) => watch(options, listener),
    [Symbol.asyncDispose]: async () => {
      const all = [packets, ...Object.values(effects)]
      await Promise.all(all.map((side) => side[Symbol.asyncDispose]()))
    },
  }
}

/** A client of an agent: how to make the container, and how to speak with what is in it. */
type Way<What, Receipt> = {
  readonly harm: SideHarm
  readonly create: (image: string, target: Target) => Dockerode.ContainerCreateOptions
  readonly connect: (side: SideContainer) => Promise<LinesClient<What, Receipt>>
}

function effectWay<Name extends EffectName>(
  name: Name,
): Way<Effects[Name]['what'], Effects[Name]['receipt']> {
  return {
    harm: name,
    create: (image, target) => effectContainerOptions(image, target, name),
    connect: (side) => connectEffect<Name>(side),
  }
}

type Opened<What, Receipt> = LinesClient<What, Receipt> & {
  readonly gone: Promise<void>
  readonly close: () => Promise<Receipt | undefined>
}

function besideUnit<What, Receipt>(
  options: DockerNetworkOptions,
  way: Way<What, Receipt>,
): SideAgent<Opened<What, Receipt>> & AsyncDisposable {
  const doing = `impair the network of ${options.unit}`
  const life = async () => lifeOf(await running(options.container(), doing))
  const start = async () => {
    const now = await life()
    return {
      agent: await startBeside(options, way, { doing, targetId: now.id }),
      life: now.startedAt,
    }
  }
  const ahead = new StandBy(start)
  return {
    sideUnit: sideUnitName(options.unit, way.harm),
    standBy: () => ahead.begin(),
    async open() {
      try {
        return (await ahead.take((await life()).startedAt)) ?? (await start()).agent
      } catch (error) {
        // What the agent refused says itself what to do.
        if (error instanceof NetemError && error.code !== 'no-engine') throw error
        throw dockerFailure(error, doing, 'unit-failed', 'look at the log of the engine')
      }
    },
    [Symbol.asyncDispose]: () => ahead[Symbol.asyncDispose](),
  }
}

async function startBeside<What, Receipt>(
  { docker, unit, runId, runLabels, agentImage }: DockerNetworkOptions,
  way: Way<What, Receipt>,
  { doing, targetId }: { readonly doing: string; readonly targetId: string },
): Promise<Opened<What, Receipt>> {
  const sideUnit = sideUnitName(unit, way.harm)
  const name = containerName(runId, sideUnit)
  const { Labels, ...create } = way.create(await agentImage(), { id: targetId, name: unit })
  const side = await startSideContainer(docker, {
    ...{ ...create, name },
    Labels: { ...Labels, ...runLabels, [labels.unit]: sideUnit, [labels.role]: 'netem' },
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
  agent: Pick<LinesClient<unknown, Receipt>, 'end'>,
  side: SideContainer,
  remove: () => Promise<void>,
): Promise<Receipt | undefined> {
  try {
    const receipt = await withDeadline(closeMsMax, 'hear the last of the agent', () => agent.end())
    // What it said holds, however long the engine takes to remove its container.
    await withDeadline(closeMsMax, 'see the agent go', () => side.gone).catch(remove)
    return receipt
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

function lifeOf({ Id: id, State: { StartedAt: startedAt } }: Dockerode.ContainerInspectInfo) {
  return { id, startedAt }
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
