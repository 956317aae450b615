/**
 * Start of a twin in a container, and the part of it that is ours: from the call that starts an existing container to
 * the first line of its log, minus the same for a null server in the same image. The image must be there already.
 */
import type { Duplex } from 'node:stream'
import Docker from 'dockerode'

const twins = ['comfyui', 'wan2gp', 'litellm', 'openai'] as const

/** Prints the same line as a twin as soon as it listens. */
const nullServer =
  "require('node:http').createServer((q,s)=>s.end('ok')).listen(8000,()=>process.stdout.write('{\"ready\":true}\\n'))"

/** One start of each, ms. Undefined if no engine answers or the image of the twins is not built. */
export async function startContainersOnce(): Promise<Record<string, number> | undefined> {
  const docker = new Docker()
  const image = await twinsImage(docker)
  if (image === undefined) return undefined
  const ms: Record<string, number> = { 'null node:http': await timeStart(docker, image, ['-e', nullServer]) }
  for (const name of twins)
    ms[name] = await timeStart(docker, image, [
      `/app/${name}.mjs`,
      '--port',
      '8000',
      '--data-folder',
      '/data',
    ])
  return ms
}

async function twinsImage(docker: Docker): Promise<string | undefined> {
  const filters = { label: ['dev.squall.image=twins'] }
  const images = await docker.listImages({ filters }).catch(() => [])
  return images.toSorted((a, b) => b.Created - a.Created)[0]?.RepoTags?.[0]
}

async function timeStart(docker: Docker, image: string, command: string[]): Promise<number> {
  const container = await docker.createContainer({
    name: `squall-bench-twin-${process.pid}`,
    Image: image,
    Entrypoint: ['node'],
    Cmd: command,
    Tty: true,
  })
  try {
    const attached = { stream: true, stdout: true, stderr: true }
    const output = (await container.attach(attached)) as unknown as Duplex
    const lines = firstText(output)
    const began = performance.now()
    await container.start()
    const text = await lines
    if (!text.includes('"ready":true')) throw new Error(`Cannot time a start: the container said ${text}`)
    return performance.now() - began
  } finally {
    await container.remove({ force: true })
  }
}

function firstText(output: Duplex): Promise<string> {
  return new Promise((resolve, reject) => {
    output.once('data', (chunk: Buffer) => resolve(chunk.toString()))
    output.once('error', reject)
  })
}
