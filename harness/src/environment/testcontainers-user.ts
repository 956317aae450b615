/**
 * A program that uses testcontainers by itself, without Squall, with our image as its Ryuk (RYUK_CONTAINER_IMAGE in
 * its environment); for reaper.docker.test.ts. Starts a container, prints its id, and waits to be killed.
 *
 *   node testcontainers-user.ts <image>
 */

import { GenericContainer, Network, PullPolicy } from 'testcontainers'
import { sleep } from '../support/clock.ts'

const network = await new Network().start()
const container = await new GenericContainer(process.argv[2] ?? '')
  .withPullPolicy(PullPolicy.neverPull())
  .withCommand(['node', '-e', 'console.log("up"); setInterval(() => {}, 1000)'])
  .withNetwork(network)
  .start()
console.log(JSON.stringify({ container: container.getId(), network: network.getId() }))
await sleep(600_000)
