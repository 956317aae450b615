/** What is found of a run in a real engine, and that strangers beside it are left alone, also by its reaper. */
import type Dockerode from 'dockerode'
import { beforeAll, expect, test } from 'vitest'
import { pollUntil } from '../../support/poll.ts'
import { contractImages } from '../contract-images.ts'
import { abandonedRun, budgetMs, firstLine, newRunId } from '../contract-watch.ts'
import { dockerObjects } from '../docker-client.ts'
import { type FoundDocker, findDocker } from '../find-docker.ts'
import { labels } from '../labels.ts'
import { findLeftovers } from '../leftovers.ts'
import { compareSnapshots } from './compare.ts'
import { takeSnapshot } from './take-snapshot.ts'

let found: FoundDocker
let images: { reaper: string; node: string }

beforeAll(async () => {
  found = await findDocker()
  images = await contractImages(found.docker)
})

test('a run is seen with state and limits, dies without a trace, and strangers are not touched', async ({
  onTestFinished,
}) => {
  const { docker } = found
  const runId = newRunId()
  const stranger = await strange(docker, `squall-dev-stranger-${runId}`)
  const frozen = await strange(docker, `squall-dev-frozen-${runId}`)
  onTestFinished(async () => {
    for (const container of [stranger, frozen]) await container.remove({ force: true })
  })
  await frozen.pause()
  const asIs = await Promise.all([stranger, frozen].map(stateOf))

  const before = await takeSnapshot(docker)
  const harness = abandonedRun(runId, ['docker', images.reaper, images.node])
  await firstLine(harness)
  await docker.getContainer(`squall-${runId}-running`).update({ CpuQuota: 30_000 })
  const during = compareSnapshots(before, await takeSnapshot(docker), runId)
  expect(during.left).toContain(`network squall-${runId}`)
  const states = (await takeSnapshot(docker)).things.filter(
    ({ run, area }) => run === runId && area === 'container',
  )
  expect(states.map(({ name, state }) => `${name}: ${state}`).toSorted()).toEqual([
    `squall-${runId}-paused: paused`,
    `squall-${runId}-reaper: running`,
    `squall-${runId}-running: running; CpuQuota 30000`,
  ])

  harness.kill('SIGKILL')
  await pollUntil({
    what: `nothing of ${runId} is left`,
    everyMs: 50,
    budgetMs,
    probe: async () => {
      const left = await findLeftovers({ runId, objects: dockerObjects(docker) })
      return left.length === 0
        ? { done: true, value: undefined }
        : { done: false, saw: `${left.length} things` }
    },
  })
  expect(compareSnapshots(before, await takeSnapshot(docker), runId)).toMatchObject({ clean: true, left: [] })
  expect(await Promise.all([stranger, frozen].map(stateOf))).toEqual(asIs)
})

test('what a stranger does to his own meanwhile is his', async ({ onTestFinished }) => {
  const runId = newRunId()
  const stranger = await strange(found.docker, `squall-dev-stranger-${runId}`)
  onTestFinished(async () => void (await stranger.remove({ force: true })))
  const before = await takeSnapshot(found.docker)
  await stranger.pause()
  const report = compareSnapshots(before, await takeSnapshot(found.docker), runId)
  expect(report).toMatchObject({ clean: true, left: [] })
  expect(report.foreign).toBeGreaterThan(0)
})

test('an image that a run did not mean to keep is left, and one of a stranger is nobody’s business', async ({
  onTestFinished,
}) => {
  const { docker } = found
  const runId = newRunId()
  const before = await takeSnapshot(docker)
  const made = await Promise.all(
    [{ [labels.run]: runId }, {}].map((Labels, index) =>
      docker.createContainer({
        name: `squall-dev-${runId}-${index}`,
        Image: images.node,
        Cmd: ['node'],
        Labels,
      }),
    ),
  )
  onTestFinished(async () => {
    for (const container of made) await container.remove({ force: true })
  })
  const kept = await Promise.all(
    made.map(async (container) => ((await container.commit({})) as { readonly Id: string }).Id),
  )
  onTestFinished(async () => {
    for (const id of kept) await docker.getImage(id).remove()
  })
  const report = compareSnapshots(before, await takeSnapshot(docker), runId)
  expect(report.left).toContain(`image ${kept[0]}`)
  expect(report.unclaimed).toContain(`image ${kept[1]}`)
})

/** Somebody's container, whose name even looks like ours; it carries no label. */
async function strange(docker: Dockerode, name: string): Promise<Dockerode.Container> {
  const command = ['node', '-e', 'setInterval(() => {}, 1000)']
  const container = await docker.createContainer({ name, Image: images.node, Cmd: command })
  await container.start()
  return container
}

async function stateOf(container: Dockerode.Container): Promise<unknown> {
  const { State, HostConfig } = await container.inspect()
  return { status: State.Status, pid: State.Pid, startedAt: State.StartedAt, quota: HostConfig.CpuQuota }
}
