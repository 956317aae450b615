/**
 * Containers with their state and limits, networks, volumes, and images that nobody means to keep: without a name, as
 * a failed build leaves them, or with the label of a run, as a container that was made an image has it. Images that a
 * run builds for the next ones have neither. Limits are asked of Squall's own containers only: a request each.
 */
import type Dockerode from 'dockerode'
import { statusOf } from '../docker-client.ts'
import { labels } from '../labels.ts'
import { limitNames } from '../reaper/undo/undo.ts'
import type { Look, Thing } from './thing.ts'

export function engineLooks(docker: Dockerode): Readonly<Record<string, Look>> {
  return {
    containers: async () => {
      const found = await docker.listContainers({ all: true })
      return await Promise.all(found.map((container) => containerThing(docker, container)))
    },
    networks: async () =>
      (await docker.listNetworks()).map(({ Id, Name, Labels }) => ({
        area: 'network',
        id: Id,
        name: Name,
        ...runOf(Labels),
      })),
    volumes: async () =>
      ((await docker.listVolumes()).Volumes ?? []).map(({ Name, Labels }) => ({
        area: 'volume',
        id: Name,
        name: Name,
        ...runOf(Labels),
      })),
    images: async () => {
      const [unnamed, ofRuns] = await Promise.all([
        docker.listImages({ filters: { dangling: ['true'] } }),
        docker.listImages({ filters: { label: [labels.run] } }),
      ])
      const found = new Map([...unnamed, ...ofRuns].map((image) => [image.Id, image]))
      return [...found.values()].map(({ Id, RepoTags, Labels }) => ({
        area: 'image',
        id: Id,
        name: RepoTags?.find((tag) => !tag.startsWith('<none>')) ?? Id,
        ...runOf(Labels),
      }))
    },
  }
}

async function containerThing(docker: Dockerode, container: Dockerode.ContainerInfo): Promise<Thing> {
  const run = runOf(container.Labels)
  const limits = run.run === undefined ? '' : await limitsOf(docker, container.Id)
  return {
    area: 'container',
    id: container.Id,
    name: container.Names[0]?.replace(/^\//, '') ?? container.Id,
    state: `${container.State}${limits}`,
    ...run,
  }
}

/** "; CpuQuota 20000": those that are set. Gone meanwhile has none. */
async function limitsOf(docker: Dockerode, id: string): Promise<string> {
  try {
    const { HostConfig: config } = await docker.getContainer(id).inspect()
    const set = limitNames.filter((name) => (config[name] ?? 0) > 0)
    return set.map((name) => `; ${name} ${config[name]}`).join('')
  } catch (error) {
    if (statusOf(error) === 404) return ''
    throw error
  }
}

function runOf(carried: Readonly<Record<string, string>> | null | undefined): { readonly run?: string } {
  const run = carried?.[labels.run]
  return run === undefined ? {} : { run }
}
