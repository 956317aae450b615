/**
 * The real LiteLLM as the contract's gateway: a container of its image, and behind it the upstream twin on this
 * host. Needs a container engine on this machine (Linux: the container calls the host at the gateway address of its
 * network) and the image, which `npm start` brings.
 */
import { randomUUID } from 'node:crypto'
import Docker from 'dockerode'
import {
  type ConfigName,
  configFiles,
  type Gateway,
  masterKey,
  upstreamFlags,
  upstreamMain,
} from './gateway.ts'
import { startProgram } from './program.ts'
import { wait } from './wait.ts'

/** Cold start measured at 8 to 15 s on two cores. */
const startMsMax = 120_000
const probeMs = 200
const memoryBytesMax = 2 * 1024 ** 3

export async function openRealGateway(config: ConfigName): Promise<Gateway> {
  const docker = new Docker()
  const image = await imageReference(docker)
  await using stack = new AsyncDisposableStack()
  const run = `litellm-contract-${randomUUID().slice(0, 8)}`
  const network = await docker.createNetwork({ Name: run, Labels: { 'dev.squall.run': run } })
  stack.defer(async () => await network.remove())
  const upstream = stack.use(
    await startProgram({ main: upstreamMain, flags: ['--host', '0.0.0.0', ...upstreamFlags] }),
  )
  const host = (await network.inspect()).IPAM?.Config?.[0]?.['Gateway']
  const container = await docker.createContainer({
    name: run,
    Image: image,
    Cmd: ['--config', '/etc/litellm/config.yaml', '--port', '4000'],
    Env: [
      `LITELLM_MASTER_KEY=${masterKey}`,
      `SQUALL_UPSTREAM_URL=http://${host}:${new URL(upstream.url).port}/v1`,
      'LITELLM_LOCAL_MODEL_COST_MAP=True',
    ],
    Labels: { 'dev.squall.run': run },
    ExposedPorts: { '4000/tcp': {} },
    HostConfig: {
      Binds: [`${configFiles[config]}:/etc/litellm/config.yaml:ro`],
      NetworkMode: run,
      PortBindings: { '4000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
      Memory: memoryBytesMax,
    },
  })
  stack.defer(async () => await container.remove({ force: true, v: true }))
  await container.start()
  const { NetworkSettings } = await container.inspect()
  const url = `http://127.0.0.1:${NetworkSettings.Ports['4000/tcp']?.[0]?.HostPort}`
  if (!(await isReady(url))) {
    const logs = await container.logs({ stdout: true, stderr: true })
    throw new Error(`Cannot start ${image}: no answer in ${startMsMax} ms; it said ${logs.toString()}`)
  }
  const owned = stack.move()
  return { url, masterKey, upstream, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function isReady(url: string): Promise<boolean> {
  const end = performance.now() + startMsMax
  while (performance.now() < end) {
    // The engine's forwarder takes connections before anybody listens behind it, and then says nothing.
    const signal = AbortSignal.timeout(1000)
    const isUp = await fetch(`${url}/health/readiness`, { signal }).then(
      (response) => response.ok,
      () => false,
    )
    if (isUp) return true
    await wait(probeMs)
  }
  return false
}

/** `SQUALL_LITELLM_IMAGE`, else the newest local image built from compose/litellm. */
async function imageReference(docker: Docker): Promise<string> {
  const named = process.env['SQUALL_LITELLM_IMAGE']
  const images = await docker.listImages({ filters: { label: ['dev.squall.image=litellm'] } })
  const built = images
    .toSorted((one, other) => other.Created - one.Created)
    .flatMap((image) => image.RepoTags ?? [])
    .find((tag) => tag.startsWith('squall-litellm:'))
  const reference = named ?? built
  const advice = 'run `npm start` once, or set SQUALL_LITELLM_IMAGE to an image that is in the engine'
  if (reference === undefined) throw new Error(`Cannot test the real LiteLLM: no image of it here; ${advice}`)
  await docker
    .getImage(reference)
    .inspect()
    .catch((cause: unknown) => {
      throw new Error(`Cannot test the real LiteLLM: the engine has no ${reference}; ${advice}`, { cause })
    })
  return reference
}
