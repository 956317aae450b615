/**
 * The container that is to be impaired. Only one that was named, that runs, and whose network is its own: otherwise
 * more would be struck than was meant.
 */
import type Docker from 'dockerode'
import { messageOf, NetemError } from '../errors.ts'

export type Target = { readonly id: string; readonly name: string }

/** @throws NetemError `no-container` or `no-engine` */
export async function findTarget(docker: Docker, named: string): Promise<Target> {
  const found = await inspect(docker, named)
  const name = found.Name.replace(/^\//, '')
  const refuse = (state: string) =>
    new NetemError('no-container', `Cannot impair container ${name}: ${state}`)
  if (!found.State.Running) throw refuse(`it is ${found.State.Status}; start it first`)
  const mode = found.HostConfig.NetworkMode ?? ''
  if (mode === 'host') {
    throw refuse(
      'it shares the network of the host, which would be struck as a whole; give it a network of its own',
    )
  }
  if (mode.startsWith('container:')) {
    throw refuse(
      `it shares the network of ${mode.slice('container:'.length, 22)}; name that one if you mean both`,
    )
  }
  if (mode === 'none') throw refuse('it has no network; connect it to one')
  return { id: found.Id, name }
}

async function inspect(docker: Docker, named: string): Promise<Docker.ContainerInspectInfo> {
  try {
    return await docker.getContainer(named).inspect()
  } catch (cause) {
    if ((cause as { statusCode?: number }).statusCode === 404) {
      throw new NetemError(
        'no-container',
        `Cannot impair container ${named}: there is none of this name or id; see docker ps`,
        { cause },
      )
    }
    throw new NetemError(
      'no-engine',
      `Cannot reach the container engine: ${messageOf(cause)}; start Docker or set DOCKER_HOST`,
      { cause },
    )
  }
}
