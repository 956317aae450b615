/**
 * A unit as testcontainers sees it. What differs from a plain GenericContainer:
 *
 *  - one network interface: testcontainers' own aliases leave the container on the default bridge as well
 *    (12.2 clears the network mode and connects later), and a partition made by disconnecting would leak;
 *  - fixed host ports on the address we choose;
 *  - no wait for readiness, no pull, no reaper of testcontainers (ours covers it by the run label);
 *  - the data folder and the files are there before the program starts, and so are we, listening to its output.
 */

import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
import { GenericContainer, PullPolicy, type WaitStrategy } from 'testcontainers'
import type { ContainerProgram, Placement } from './engine.ts'

/** Where a unit in a container keeps what must outlive a kill and restart: its own file system does. */
export const containerDataFolder = '/data'

export type UnitContainerOptions = {
  readonly containerName: string
  readonly network: string
  readonly labels: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  readonly placement: Placement
  readonly program: ContainerProgram
  /** The data folder on a volume of its own, as the engine writes it. */
  readonly dataBind?: string | undefined
  /** Address of the engine's host to publish on: loopback, or "" for all. */
  readonly publishOn: string
  /** Awaited between creation and start. */
  readonly onCreated: (containerId: string) => Promise<void>
}

export class UnitContainer extends GenericContainer {
  readonly #onCreated: (containerId: string) => Promise<void>

  constructor(options: UnitContainerOptions) {
    super(options.program.image)
    this.#onCreated = options.onCreated
    const { placement, program } = options
    this.withName(options.containerName)
      .withLabels({ ...options.labels })
      .withEnvironment({ ...options.env })
      .withNetworkMode(options.network)
      .withPullPolicy(PullPolicy.neverPull())
      .withAutoCleanup(false)
      .withWaitStrategy(noWait)
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: { [options.network]: { Aliases: [placement.name] } },
    }
    if (!program.bringsDataFolder || program.files) {
      this.withCopyArchivesToContainer([{ tar: filesOf(program), target: '/' }])
    }
    if (program.command) this.withCommand([...program.command])
    this.#publish(placement, options.publishOn)
    if (options.dataBind !== undefined) this.hostConfig.Binds = [options.dataBind]
    if (program.memoryBytesMax !== undefined) {
      this.hostConfig.Memory = program.memoryBytesMax
      // Swap would turn running out of memory into being slow.
      this.hostConfig.MemorySwap = program.memoryBytesMax
    }
  }

  protected override async containerCreated(containerId: string): Promise<void> {
    await this.#onCreated(containerId)
  }

  #publish(placement: Placement, hostIp: string): void {
    const ports = Object.values(placement.ports)
    this.createOpts.ExposedPorts = Object.fromEntries(ports.map(({ listen }) => [`${listen.port}/tcp`, {}]))
    this.hostConfig.PortBindings = Object.fromEntries(
      ports.map(({ listen, outside }) => [
        `${listen.port}/tcp`,
        [{ HostIp: hostIp, HostPort: String(outside.port) }],
      ]),
    )
  }
}

/** Whether the program answers is the business of the service's probe. */
const noWait: WaitStrategy = {
  waitUntilReady: async () => undefined,
  withStartupTimeout: () => noWait,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 0,
}

/** The data folder, writable whoever the image's user is, and the files of the program. */
function filesOf(program: ContainerProgram): Readable {
  const archive = pack()
  archive.entry({ name: `${containerDataFolder.slice(1)}/`, type: 'directory', mode: 0o777 })
  for (const [path, content] of Object.entries(program.files ?? {})) {
    archive.entry({ name: path.replace(/^\//, ''), mode: 0o644 }, content)
  }
  archive.finalize()
  return Readable.from(archive)
}
