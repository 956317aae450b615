/** The harness goes, by whatever way, while a network is impaired: the network is normal again without it. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { contractImages } from '../environment/contract-images.ts'
import { budgetMs, firstLine, newRunId } from '../environment/contract-watch.ts'
import { dockerObjects } from '../environment/docker-client.ts'
import { type FoundDocker, findDocker } from '../environment/find-docker.ts'
import { removeRun } from '../environment/heal.ts'
import { containerName } from '../environment/labels.ts'
import type { Reaped } from '../environment/reaper/reaped.ts'
import { readReport } from '../environment/reaper-reports.ts'
import { every, nowMs } from '../support/clock.ts'
import { withDeadline } from '../support/deadline.ts'
import { pollUntil } from '../support/poll.ts'
import { fresh } from './fault-contract.ts'

/** What is asked for is one second; machines that run tests are busy, and the benchmark measures it. */
const normalMsMax = 3000

describe('a harness that goes while a network is impaired', () => {
  let found: FoundDocker
  let images: { reaper: string; node: string; agent: string }
  beforeAll(async () => {
    found = await findDocker()
    const { agent, ...others } = await contractImages(found.docker)
    images = { ...others, agent: await agent() }
  }, 60_000)

  type Abandoned = { readonly runId: string; readonly url: string; readonly harness: ChildProcess }

  async function begin(env: Readonly<Record<string, string>> = {}, ...more: string[]): Promise<Abandoned> {
    const runId = newRunId()
    const program = fileURLToPath(new URL('abandoned-impairment.ts', import.meta.url))
    const args = [program, runId, images.reaper, images.node, images.agent, ...more]
    const harness = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    onTestFinished(async () => {
      harness.kill('SIGKILL')
      await removeRun(runId, { objects: dockerObjects(found.docker) })
    })
    const url = await firstLine(harness)
    expect(await requestMs(url)).toBeGreaterThan(600)
    return { runId, url, harness }
  }

  async function requestMs(url: string): Promise<number> {
    const beganAt = nowMs()
    await fresh(url, budgetMs)
    return nowMs() - beganAt
  }
  /** How long it took from now on until a request was fast; one that is still slow keeps no other from being tried. */
  async function untilNormal(url: string): Promise<number> {
    const beganAt = nowMs()
    const normal = Promise.withResolvers<void>()
    using _asking = every(20, () => {
      void requestMs(url).then(
        (ms) => ms < 150 && normal.resolve(),
        () => undefined,
      )
    })
    await withDeadline(budgetMs, 'see the network normal', () => normal.promise)
    return Math.round(nowMs() - beganAt)
  }
  /** What the reaper tells, once it has healed, or removed everything too. */
  function reported(runId: string, about: 'healed' | 'removed'): Promise<Reaped> {
    return pollUntil<Reaped>({
      ...{ what: `the reaper tells what it has ${about}`, everyMs: 20, budgetMs },
      probe: () => {
        const report = readReport(runId)
        return report?.[about] ? { done: true, value: report } : { done: false, saw: 'no report' }
      },
    })
  }

  test('killed, with a reaper that cannot act: the agent sees the end of its input', async ({ annotate }) => {
    const { runId, url, harness } = await begin()
    const reaper = found.docker.getContainer(containerName(runId, 'reaper'))
    await reaper.pause()
    harness.kill('SIGKILL')
    const tookMs = await untilNormal(url)
    await annotate(`normal ${tookMs} ms after SIGKILL of the harness`)
    expect(tookMs).toBeLessThan(normalMsMax)
    await reaper.unpause()
    expect((await reported(runId, 'removed')).left).toEqual([])
  })

  test('left, with a lease: the reaper removes the agent, and the unit stays', async ({ annotate }) => {
    const { runId, url, harness } = await begin({}, '60000')
    harness.stdin?.write('leave\n')
    const tookMs = await untilNormal(url)
    await annotate(`normal ${tookMs} ms after the harness has left`)
    expect(tookMs).toBeLessThan(normalMsMax)
    const { healed } = await reported(runId, 'healed')
    expect(healed).toMatchObject([{ undo: 'remove target-netem', outcome: 'healed' }])
  })

  /** How a container of the run has ended, as the engine saw it. */
  async function exitCodeOf(runId: string, unit: string): Promise<string | undefined> {
    const filters = { container: [containerName(runId, unit)], event: ['die'] }
    const until = Math.ceil(Date.now() / 1000)
    const stream = (await found.docker.getEvents({ filters, since: until - 60, until })) as Readable
    const lines = (await stream.toArray()).map(String).join('')
    return /"exitCode":"(\d+)"/.exec(lines)?.[1]
  }

  test('stopped for longer than its lease: the reaper tells the agent to end, then removes the run', async ({
    annotate,
  }) => {
    const { runId, harness } = await begin({ TTL_MS: '1000' })
    harness.kill('SIGSTOP')
    const report = await reported(runId, 'removed')
    expect(report).toMatchObject({
      why: 'the harness was silent for longer than its lease',
      healed: [{ undo: 'remove target-netem', outcome: 'healed' }],
      left: [],
    })
    const tookMs = report.healed[0]?.tookMs ?? Number.POSITIVE_INFINITY
    await annotate(`the agent was gone ${tookMs} ms after the notice`)
    expect(tookMs).toBeLessThan(normalMsMax)
    // Killed it would be 137, and what it had not taken off would stay.
    expect(await exitCodeOf(runId, 'target-netem')).toBe('0')
  })
})
