/** Looks at the machine without changing it: the facts behind `squall doctor`. */
import { readFileSync } from 'node:fs'
import { arch, availableParallelism, platform, release } from 'node:os'
import { dockerObjects } from '../environment/docker-client.ts'
import type { EngineKind } from '../environment/engine.ts'
import { type FoundDocker, findDocker } from '../environment/find-docker.ts'
import { listRuns } from '../environment/heal.ts'
import { describeImages, type ImageDescription } from '../environment/images/describe.ts'
import { knownRungs, networkRungs } from '../environment/network-rungs.ts'
import { faultCatalog } from '../faults/catalog.ts'
import type { Place } from '../faults/fault.ts'
import { notOffered } from '../faults/not-offered.ts'
import type { FaultKind } from '../spec/fault-plan.ts'
import { messageOf } from '../support/errors.ts'
import type { Log } from '../support/log.ts'
import { imageOptions } from './images.ts'
import { placeOf } from './place.ts'

export type MachineReport = {
  readonly versions: {
    readonly squall: string
    readonly node: string
    readonly system: string
    readonly docker?: string
  }
  readonly cores: number
  readonly engines: readonly {
    readonly kind: EngineKind
    readonly available: boolean
    readonly detail: string
  }[]
  /** What would be used, and how it is got; empty without a container engine. */
  readonly images: readonly ImageDescription[]
  readonly faults: readonly FaultAvailability[]
  /** Kinds that are not offered anywhere, and why. */
  readonly notOffered: typeof notOffered
  /** Runs of which there is anything on this machine; `squall heal` removes what dead ones left. */
  readonly runs: { readonly alive: number; readonly dead: number }
}

export type FaultAvailability = {
  readonly kind: FaultKind
  readonly summary: string
  readonly engines: readonly {
    readonly engine: EngineKind
    readonly available: boolean
    readonly rung?: string
    readonly reason?: string
  }[]
}

export type ExamineOptions = {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Try out what can only be known by trying: makes the image of netem's agent and starts it once. */
  readonly probe: boolean
  readonly log: Log
}

/** Starts, pulls and installs nothing, unless it is to probe. */
export async function examineMachine({ env, probe, log }: ExamineOptions): Promise<MachineReport> {
  const found = await findDocker().catch((error: unknown) => messageOf(error))
  const docker = typeof found === 'string' ? undefined : found
  const options = imageOptions(env, log)
  const rungs = docker && (await (probe ? networkRungs : knownRungs)(docker.docker, options))
  const images = docker ? await describeImages(docker.docker, options) : []
  const runs = await listRuns(docker ? { objects: dockerObjects(docker.docker) } : {})
  return {
    versions: {
      squall: ownVersion(),
      node: process.versions.node,
      system: `${platform()} ${release()} ${arch()}`,
      ...(docker && { docker: docker.description }),
    },
    cores: availableParallelism(),
    engines: [
      {
        kind: 'docker',
        available: docker !== undefined,
        detail: typeof found === 'string' ? found : found.description,
      },
      {
        kind: 'process',
        available: true,
        detail: `child processes of Node ${process.versions.node} on loopback`,
      },
    ],
    images,
    faults: faultsOn(docker, rungs),
    notOffered,
    runs: { alive: runs.filter((run) => !run.dead).length, dead: runs.filter((run) => run.dead).length },
  }
}

function faultsOn(docker: FoundDocker | undefined, rungs: Place['networkRungs']): FaultAvailability[] {
  return Object.values(faultCatalog).map((fault) => ({
    kind: fault.kind,
    summary: fault.summary,
    engines: (['docker', 'process'] as const).map((engine) => {
      if (engine === 'docker' && docker === undefined)
        return { engine, available: false, reason: 'no container engine answers' }
      return { engine, ...fault.available(placeOf(engine, rungs)) }
    }),
  }))
}

function ownVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return manifest.version
}
