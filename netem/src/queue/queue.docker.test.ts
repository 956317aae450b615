/**
 * The agent beside a container without the privileges that bpf(2) asks for: NET_ADMIN alone, the seccomp profile of
 * the engine in force, no /dev/net/tun. The ladder steps to the queue, and what comes in is impaired.
 */
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../clock.ts'
import { connectAgent } from '../container/agent-client.ts'
import { agentImage } from '../container/agent-image.ts'
import { type SideContainer, sideContainerOptions, startSideContainer } from '../container/side-container.ts'
import { parseImpairmentText } from '../spec/parse-text.ts'
import { whyNotQueue } from '../testing/can-shape.ts'
import { fastestRequestMs, requestMs } from '../testing/request-ms.ts'

const docker = new Docker()
const why = whyNotQueue()
const server = "require('node:http').createServer((request, response) => response.end('ok')).listen(80)"
/** Two round trips: the connection, and the request. */
const delay = parseImpairmentText('delay 80ms direction in')

describe.skipIf(why !== undefined)(`queue: container${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  const name = `squall-nfqueue-test-${process.pid}`
  let target: Docker.Container
  let address: string
  let image: string

  beforeAll(async () => {
    image = await agentImage(docker, { onProgress: () => undefined })
    target = await docker.createContainer({ name, Image: image, Entrypoint: ['node', '-e', server] })
    await target.start()
    address = (await target.inspect()).NetworkSettings.Networks['bridge']?.IPAddress ?? ''
    await until('the server answers', 10_000, async () => (await askMs()) !== undefined)
  }, 60_000)
  afterAll(async () => await target?.remove({ force: true }))

  const askMs = (timeout?: number) => requestMs(address, timeout)
  const fastestMs = () => fastestRequestMs(address)
  const startSide = async (): Promise<SideContainer> => {
    const options = sideContainerOptions(image, { id: target.id, name })
    const HostConfig = { ...options.HostConfig, CapAdd: ['NET_ADMIN'], Devices: [] }
    return await startSideContainer(docker, { ...options, HostConfig })
  }

  test('the ladder steps to the queue, says so, and heals at the end of the input', async () => {
    const side = await startSide()
    const agent = await connectAgent(side)
    const applied = await agent.apply([delay])
    expect(applied).toMatchObject({ rung: 'userspace', way: 'nfqueue', device: 'eth0', failsOpen: true })
    expect(applied.steppedDown.at(-1)).toMatchObject({
      way: 'tcx',
      reason: expect.stringMatching(/EPERM; the process needs CAP_BPF or CAP_SYS_ADMIN/),
    })
    expect(await askMs()).toBeGreaterThan(160)
    const ended = await agent.end()
    expect(ended?.after).toMatchObject({ failed: 0, held: 0, slipped: 0 })
    expect(ended?.after.delayed).toBeGreaterThanOrEqual(3)
    expect(await fastestMs()).toBeLessThan(80)
    await side.gone
  })

  test('kill -9 of the agent fails open within a second', async () => {
    const side = await startSide()
    const agent = await connectAgent(side)
    await agent.apply([parseImpairmentText('loss 100% direction in port 80')])
    expect(await askMs(300)).toBeUndefined()
    const filters = { label: [`dev.squall.netem=${target.id}`] }
    const [found] = await docker.listContainers({ filters })
    await docker.getContainer(found?.Id ?? '').kill({ signal: 'SIGKILL' })
    const beganMs = performance.now()
    // A short patience: a packet lost before is sent again after a second only.
    await until('the container answers', 2000, async () => (await askMs(100)) !== undefined)
    expect(performance.now() - beganMs).toBeLessThan(1000)
    await side.gone
  })

  test('what it cannot do is refused with what to do', async () => {
    const side = await startSide()
    const agent = await connectAgent(side)
    await expect(agent.apply([parseImpairmentText('delay 80ms')])).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/say direction in, or give the agent CAP_BPF or CAP_SYS_ADMIN/),
    })
    expect(await fastestMs()).toBeLessThan(80)
    await agent.end()
    await side.gone
  })
})
