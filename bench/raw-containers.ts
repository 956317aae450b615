/**
 * The control arm of `bench up`: the same containers, with nothing but the engine's API. One network, then create
 * and start all in parallel, look as often as Squall does until each answers. No reaper, no labels, no history.
 */
import { request } from 'node:http'
import Docker from 'dockerode'
import { pause } from './clock.ts'

/** As in harness/src/services/ready.ts. */
const lookEveryMs = 20

const twins = [
  { name: 'comfyui', port: 8188, path: '/system_stats', args: [] },
  { name: 'wan2gp', port: 7860, path: '/config', args: [] },
  { name: 'openai', port: 8001, path: '/v1/models', args: [] },
  { name: 'litellm', port: 4000, path: '/health/readiness', args: ['--upstream', 'http://openai:8001/v1'] },
] as const

/** Time from the first call to the last twin's first good answer, ms. Everything is removed afterwards. */
export async function startRaw(): Promise<number> {
  const docker = new Docker()
  const image = await twinsTag(docker)
  const beganAt = performance.now()
  const network = await docker.createNetwork({ Name: `squall-bench-raw-${process.pid}` })
  const containers: Docker.Container[] = []
  try {
    await Promise.all(
      twins.map(async (twin, index) => {
        const hostPort = 33_900 + index
        const container = await docker.createContainer({
          Image: image,
          Cmd: [
            `/app/${twin.name}.mjs`,
            '--host',
            '0.0.0.0',
            '--port',
            String(twin.port),
            '--data-folder',
            '/data',
            ...twin.args,
          ],
          Env: ['LITELLM_MASTER_KEY=sk-bench'],
          ExposedPorts: { [`${twin.port}/tcp`]: {} },
          HostConfig: {
            NetworkMode: network.id,
            PortBindings: { [`${twin.port}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(hostPort) }] },
          },
          NetworkingConfig: { EndpointsConfig: { [network.id]: { Aliases: [twin.name] } } },
        })
        containers.push(container)
        await container.start()
        while (!(await answers(hostPort, twin.path))) await pause(lookEveryMs)
      }),
    )
    return performance.now() - beganAt
  } finally {
    await Promise.all(containers.map((container) => container.remove({ force: true })))
    await network.remove()
  }
}

/** The newest image of the twins; `bench up` has just made it in its warm-up round. */
async function twinsTag(docker: Docker): Promise<string> {
  const images = await docker.listImages({ filters: { label: ['dev.squall.image=twins'] } })
  const newest = images.toSorted((a, b) => b.Created - a.Created)[0]?.RepoTags?.[0]
  if (newest === undefined)
    throw new Error('Cannot start raw containers: the twins image is not built; run "npm start" once')
  return newest
}

function answers(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ host: '127.0.0.1', port, path, timeout: 1000, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    call.on('error', () => resolve(false))
    call.on('timeout', () => call.destroy())
    call.end()
  })
}
