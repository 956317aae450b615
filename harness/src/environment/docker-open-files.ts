/**
 * Open files of the process in a container, and the limit on them while it runs, by a container beside it that shares
 * its process ids: so it does not matter where the engine runs, and the process cannot be mistaken for another one of
 * the same number. Only the soft limit is changed, as the user of the process, so that it takes no privileges. It stays
 * when the side container goes, which is why the reaper gets an undo of its own for it.
 */
import type Dockerode from 'dockerode'
import type { OpenFiles } from './abilities.ts'
import { statusOf } from './docker-client.ts'
import { runNode } from './docker-exec.ts'
import { dockerFailure } from './docker-failure.ts'
import { inTurn } from './in-turn.ts'
import { containerName, labels, ryukLabel } from './labels.ts'
import { openFilesSide, setOpenFiles, sideName } from './reaper/undo/side-programs.ts'

export type DockerOpenFilesOptions = {
  readonly docker: Dockerode
  readonly runId: string
  /** Name of the unit. */
  readonly unit: string
  readonly container: () => Dockerode.Container
  /** Labels of everything of the run. */
  readonly runLabels: Readonly<Record<string, string>>
  /** Reference of the agent's image, which has what system calls need. */
  readonly agentImage: () => Promise<string>
}

/** Prints the user and the group of the process. */
const userSource = `
const status = require('node:fs').readFileSync('/proc/1/status', 'latin1')
console.log(['Uid', 'Gid'].map((name) => new RegExp('^' + name + ':\\\\s+(\\\\d+)', 'm').exec(status)[1]).join(':'))
`

/** Prints what `count` gives. */
const countSource = `
const { readFileSync, readdirSync } = require('node:fs')
const open = new Set(readdirSync('/proc/1/fd').map(Number))
let firstFree = 0
while (open.has(firstFree)) firstFree += 1
const limit = Number(/^Max open files\\s+(\\d+)/m.exec(readFileSync('/proc/1/limits', 'latin1'))[1])
console.log(JSON.stringify({ open: open.size, firstFree, limit }))
`

export function dockerOpenFiles(options: DockerOpenFilesOptions): OpenFiles & AsyncDisposable {
  const { docker, unit, runId } = options
  const side = docker.getContainer(containerName(runId, sideName(unit, openFilesSide)))
  const next = inTurn()
  let user: string | undefined
  /** Also one that could not be started, or did not answer. */
  let mayBeThere = false
  const ready = async (): Promise<string> => {
    mayBeThere = true
    if (await ensure(options, side)) user = undefined
    user ??= (await runNode(side, { source: userSource })).trim()
    return user
  }
  const inside = (source: string, args: readonly string[] = []): Promise<string> =>
    next(async () => {
      try {
        return await runNode(side, { source, args, user: await ready() })
      } catch (error) {
        throw dockerFailure(
          error,
          `limit the open files of ${unit}`,
          'unit-failed',
          'see the log of the engine',
        )
      }
    })
  const close = (): Promise<void> =>
    next(async () => {
      if (mayBeThere) await gone(side)
      mayBeThere = false
      user = undefined
    })
  return {
    prepare: () =>
      next(ready).then(
        () => undefined,
        () => undefined, // told by whoever needs it
      ),
    count: async () => JSON.parse(await inside(countSource)) as Awaited<ReturnType<OpenFiles['count']>>,
    limit: async (max) => void (await inside(setOpenFiles, [String(max)])),
    undo: (max) => ({ kind: 'open-files', unit, max, user: user ?? '0:0' }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/**
 * It has ended if the process beside it has, and is of no use to its next life.
 * @returns whether it is a new one
 */
async function ensure(options: DockerOpenFilesOptions, side: Dockerode.Container): Promise<boolean> {
  const runs = await side.inspect().then(
    ({ State }) => State.Running,
    (error: unknown) => {
      if (statusOf(error) !== 404) throw error
      return undefined
    },
  )
  if (runs === true) return false
  if (runs === false) await gone(side)
  const { docker, runId, unit, runLabels } = options
  const own = { [labels.unit]: sideName(unit, openFilesSide), [labels.role]: 'hand', [ryukLabel]: 'false' }
  const created = await docker.createContainer({
    name: containerName(runId, sideName(unit, openFilesSide)),
    Image: await options.agentImage(),
    Entrypoint: ['node', '-e', 'setInterval(() => undefined, 3_600_000)'],
    Cmd: [],
    Labels: { ...runLabels, ...own },
    HostConfig: {
      NetworkMode: 'none',
      PidMode: `container:${options.container().id}`,
    },
  })
  await created.start()
  return true
}

/** Gone already, or going, is fine. */
async function gone(side: Dockerode.Container): Promise<void> {
  await side.remove({ force: true }).catch((error: unknown) => {
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
  })
}
