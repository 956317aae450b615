/** A harness is killed with faults in force, in an environment that stays: all is normal again within seconds. */
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import type Dockerode from 'dockerode'
import { expect, test } from 'vitest'
import { budgetMs, firstLine, newRunId, text } from '../environment/contract-watch.ts'
import { dockerObjects } from '../environment/docker-client.ts'
import { findDocker } from '../environment/find-docker.ts'
import { removeRun } from '../environment/heal.ts'
import { formatRequest } from '../environment/reaper/request.ts'
import { readReport } from '../environment/reaper-reports.ts'
import type { FaultSpec } from '../spec/fault-plan.ts'
import { nowMs } from '../support/clock.ts'
import { pollUntil } from '../support/poll.ts'

const program = fileURLToPath(new URL('abandoned-faults.ts', import.meta.url))
/** The promise: from the death of the harness to the normal state. */
const normalMsMax = 5_000

type Case = {
  readonly specs: readonly FaultSpec[]
  readonly undone: readonly string[]
  /** What a normal unit answers to; while harmed it does not. */
  readonly works: (url: string) => Promise<boolean>
}

const connections = async (url: string): Promise<number> => Number(await text(`${url}/connections`))
const writes = async (url: string): Promise<boolean> =>
  (await text(`${url}/write?text=${'x'.repeat(9000)}`)) === 'written'

const cases: readonly Case[] = [
  { specs: [{ kind: 'disk-full', sizeMb: 4 }], undone: ['free-disk: healed'], works: writes },
  { specs: [{ kind: 'read-only', sizeMb: 4 }], undone: ['free-disk: healed'], works: writes },
  {
    specs: [{ kind: 'files', spare: 0 }],
    undone: ['open-files: healed'],
    // On a connection of its own: none of those that are open is served the worse.
    works: async (url) =>
      (await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(500) })).ok,
  },
  {
    // Nothing to undo: they end with the process that holds them.
    specs: [{ kind: 'connections', count: 50 }],
    undone: [],
    works: async (url) => (await connections(url)) < 10,
  },
]

test.for(cases)(
  'killed with $specs.0.kind in force',
  async ({ specs, undone, works }, { onTestFinished }) => {
    const { docker } = await findDocker()
    const runId = newRunId()
    onTestFinished(async () => void (await removeRun(runId, { objects: dockerObjects(docker) })))
    const harness = spawn(process.execPath, [program, runId, JSON.stringify(specs)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const url = await firstLine(harness)
    await keepUp(docker, runId)
    expect(await works(url).catch(() => false)).toBe(false)

    harness.kill('SIGKILL')
    const killedAt = nowMs()
    await pollUntil({
      what: 'all is normal again',
      everyMs: 50,
      budgetMs,
      probe: async () =>
        (await works(url)) ? { done: true, value: undefined } : { done: false, saw: 'not yet' },
    })
    expect(nowMs() - killedAt).toBeLessThan(normalMsMax)
    if (undone.length === 0) return
    const report = await pollUntil({
      what: 'the reaper tells what it healed',
      everyMs: 50,
      budgetMs,
      probe: () => {
        const read = readReport(runId)
        return read ? { done: true, value: read } : { done: false, saw: 'no report' }
      },
    })
    expect(
      report.healed.map(({ undo, outcome, error }) => `${undo.split(' ')[0]}: ${error ?? outcome}`),
    ).toEqual(undone)
    const left = await docker.listContainers({ all: true, filters: { label: [`dev.squall.run=${runId}`] } })
    expect(left.map(({ Names }) => Names[0]).filter((name) => name?.endsWith('-files'))).toEqual([])
  },
)

/** Asks the reaper of the run, as a second client, to leave everything up for a minute. */
async function keepUp(docker: Dockerode, runId: string): Promise<void> {
  const { NetworkSettings } = await docker.getContainer(`squall-${runId}-reaper`).inspect()
  const port = Object.values(NetworkSettings.Ports)[0]?.[0]?.HostPort
  const line = connect(Number(port), '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    line.once('error', reject)
    line.once('data', () => resolve())
    line.write(formatRequest({ kind: 'lease', ms: 60_000 }))
  })
  line.destroy()
}
