/**
 * The agent in a container beside its target: in the same network namespace, with the few privileges it needs and
 * nothing else of the target. Its input is the dead man's switch: when we die, the engine closes it, the agent ends
 * and its container is removed.
 */
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import type Docker from 'dockerode'
import type { ContainerCreateOptions } from 'dockerode'
import type { AgentEvent } from '../agent/receipt.ts'
import { messageOf, NetemError } from '../errors.ts'
import type { Finding } from '../rung/probe.ts'
import type { Target } from './target.ts'

/**
 * NET_ADMIN: devices. SYS_ADMIN: bpf(2); CAP_BPF would do, but Engine 20.10 does not know its name. SYS_NICE:
 * punctual wake-ups.
 */
const capabilities = ['NET_ADMIN', 'SYS_ADMIN', 'SYS_NICE']

/** Plain data, for whoever starts containers in another way. */
export function sideContainerOptions(image: string, target: Target, device?: string): ContainerCreateOptions {
  const words = device === undefined ? [] : ['--device', device]
  return agentOptions(image, `container:${target.id}`, words, { 'dev.squall.netem': target.id })
}

/** What the engine's kernel can do, tried out in a container of its own, without any network. @throws NetemError */
export async function probeEngine(docker: Docker, image: string): Promise<readonly Finding[]> {
  const labels = { 'dev.squall.netem': 'probe' }
  const side = await startSideContainer(docker, agentOptions(image, 'none', ['--probe'], labels))
  for await (const line of createInterface({ input: side.output })) {
    const event = JSON.parse(line) as AgentEvent
    if (event.event === 'refused') throw new NetemError(event.code, event.message)
    if (event.event !== 'probed') continue
    await side.gone
    return event.findings
  }
  const said = side.complaints().trim().split('\n').at(-1) ?? ''
  throw new NetemError(
    'shaper-died',
    `Cannot try out what the kernel can do: the agent said nothing: ${said}`,
  )
}

function agentOptions(
  image: string,
  networkMode: string,
  words: string[],
  ownLabels: Record<string, string>,
): ContainerCreateOptions {
  return {
    Image: image,
    Cmd: words,
    Labels: ownLabels,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    HostConfig: {
      NetworkMode: networkMode,
      CapDrop: ['ALL'],
      CapAdd: capabilities,
      Devices: [{ PathOnHost: '/dev/net/tun', PathInContainer: '/dev/net/tun', CgroupPermissions: 'rwm' }],
      AutoRemove: true,
    },
  }
}

export type SideContainer = {
  /** Lines to the agent; its end ends the agent. */
  readonly input: NodeJS.WritableStream
  /** Lines of the agent. */
  readonly output: NodeJS.ReadableStream
  /** What it complained about. */
  complaints(): string
  /** Resolves when the container is gone. */
  readonly gone: Promise<void>
}

/** @throws NetemError `no-engine`: what the engine said */
export async function startSideContainer(
  docker: Docker,
  options: ContainerCreateOptions,
): Promise<SideContainer> {
  const name = `squall-netem-${randomUUID().slice(0, 8)}`
  const container = await docker.createContainer({ name, ...options }).catch((cause: unknown) => {
    throw failure(cause)
  })
  try {
    const stream = await container.attach({
      stream: true,
      stdin: true,
      stdout: true,
      stderr: true,
      hijack: true,
    })
    const [output, errors] = [new PassThrough(), new PassThrough()]
    const complaints: Buffer[] = []
    docker.modem.demuxStream(stream, output, errors)
    errors.on('data', (chunk: Buffer) => complaints.push(chunk))
    stream.on('end', () => output.end())
    const gone = container.wait({ condition: 'removed' }).then(
      () => undefined,
      () => undefined, // gone before it was asked for
    )
    await container.start()
    return { input: stream, output, complaints: () => Buffer.concat(complaints).toString(), gone }
  } catch (cause) {
    // One that never started is not removed by itself.
    await container.remove({ force: true }).catch(() => undefined)
    throw failure(cause)
  }
}

function failure(cause: unknown): NetemError {
  const said = messageOf(cause)
  const advice = said.includes('/dev/net/tun') ? '; load the module tun on the host of the engine' : ''
  return new NetemError('no-engine', `Cannot start the agent's container: ${said}${advice}`, { cause })
}
