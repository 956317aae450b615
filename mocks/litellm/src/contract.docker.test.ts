/**
 * The gateway contract against the real LiteLLM: a container of its image with compose/litellm/config.yaml, and
 * behind it the upstream twin on this host. Needs a container engine on this machine (Linux: the container calls
 * the host at the gateway address of its network) and the image, which `pnpm start` brings.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import Docker from 'dockerode'
import { vi } from 'vitest'
import { gatewayContract } from './contract/contract.ts'
import { type Gateway, upstreamFlags } from './contract/gateway.ts'
import { startProgram } from './contract/program.ts'

const masterKey = 'sk-squall-contract'
const configFile = join(import.meta.dirname, '../../../compose/litellm/config.yaml')
const upstreamMain = join(import.meta.dirname, '../../openai/src/main.ts')
/** Cold start measured at 8 to 15 s on two cores. */
const startMsMax = 120_000
const memoryBytesMax = 2 * 1024 ** 3

gatewayContract('real LiteLLM', async (): Promise<Gateway> => {
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
      Binds: [`${configFile}:/etc/litellm/config.yaml:ro`],
      NetworkMode: run,
      PortBindings: { '4000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
      Memory: memoryBytesMax,
    },
  })
  stack.defer(async () => await container.remove({ force: true, v: true }))
  await container.start()
  const { NetworkSettings } = await container.inspect()
  const url = `http://127.0.0.1:${NetworkSettings.Ports['4000/tcp']?.[0]?.HostPort}`
  await vi
    .waitFor(() => fetch(`${url}/health/readiness`), { timeout: startMsMax, interval: 200 })
    .catch(async (cause: unknown) => {
      const logs = await container.logs({ stdout: true, stderr: true })
      throw new Error(`Cannot start ${image}: no answer in ${startMsMax} ms; it said ${logs.toString()}`, {
        cause,
      })
    })
  const owned = stack.move()
  return { url, masterKey, upstream, [Symbol.asyncDispose]: () => owned.disposeAsync() }
})

/** `SQUALL_LITELLM_IMAGE`, else the newest local image built from compose/litellm. */
async function imageReference(docker: Docker): Promise<string> {
  const named = process.env['SQUALL_LITELLM_IMAGE']
  const images = await docker.listImages({ filters: { label: ['dev.squall.image=litellm'] } })
  const built = images
    .toSorted((one, other) => other.Created - one.Created)
    .flatMap((image) => image.RepoTags ?? [])
    .find((tag) => tag.startsWith('squall-litellm:'))
  const reference = named ?? built
  const advice = 'run `pnpm start` once, or set SQUALL_LITELLM_IMAGE to an image that is in the engine'
  if (reference === undefined) throw new Error(`Cannot test the real LiteLLM: no image of it here; ${advice}`)
  await docker
    .getImage(reference)
    .inspect()
    .catch((cause: unknown) => {
      throw new Error(`Cannot test the real LiteLLM: the engine has no ${reference}; ${advice}`, { cause })
    })
  return reference
}
