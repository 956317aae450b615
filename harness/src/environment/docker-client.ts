/** What `heal` and the proof at the end of a run ask of the engine, over the harness's own connection. */
import type Dockerode from 'dockerode'
import { type DockerObjects, toObjects } from './reaper/docker-object.ts'

export function dockerObjects(docker: Dockerode): DockerObjects {
  return {
    list: async (kind, labels) => {
      const filters = { label: [...labels] }
      if (kind === 'container') return toObjects(kind, await docker.listContainers({ all: true, filters }))
      if (kind === 'network') return toObjects(kind, await docker.listNetworks({ filters }))
      return toObjects(kind, await docker.listVolumes({ filters }))
    },
    remove: async ({ kind, id }) => {
      try {
        if (kind === 'container') await docker.getContainer(id).remove({ force: true, v: true })
        if (kind === 'network') await docker.getNetwork(id).remove()
        if (kind === 'volume') await docker.getVolume(id).remove()
      } catch (error) {
        if (statusOf(error) !== 404) throw error
      }
    },
  }
}

/** HTTP status in an error of dockerode. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined
  return typeof error.statusCode === 'number' ? error.statusCode : undefined
}
