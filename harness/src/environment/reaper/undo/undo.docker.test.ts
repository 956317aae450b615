/** Every undo, done by a real reaper on real containers that stay: their harness has left and a lease keeps them. */
import { beforeAll, expect, test } from 'vitest'
import { pollUntil } from '../../../support/poll.ts'
import { contractImages } from '../../contract-images.ts'
import { budgetMs, newRunId } from '../../contract-watch.ts'
import { dockerObjects } from '../../docker-client.ts'
import { openDockerEngine } from '../../docker-engine.ts'
import { type FoundDocker, findDocker } from '../../find-docker.ts'
import { removeRun } from '../../heal.ts'
import { readReport } from '../../reaper-reports.ts'
import type { Undo } from './undo.ts'

/** A control port as twins have it: it heals for who has the token, and says so. */
const controlSource = `
require('node:http').createServer((request, response) => {
  const allowed = request.method === 'DELETE' && request.headers.authorization === 'Bearer t0k'
  if (allowed) console.log('disarmed ' + request.url)
  response.writeHead(!allowed ? 401 : request.url === '/faults/f9-old' ? 404 : 200).end()
}).listen(8199, '0.0.0.0')`

let found: FoundDocker
let images: { reaper: string; node: string }

beforeAll(async () => {
  found = await findDocker()
  images = await contractImages(found.docker)
})

test('a reaper undoes every kind of fault and leaves what the lease keeps', async ({ onTestFinished }) => {
  const runId = newRunId()
  const objects = dockerObjects(found.docker)
  onTestFinished(async () => void (await removeRun(runId, { objects })))
  const engine = await openDockerEngine({ runId, docker: found, reaperImage: images.reaper })
  const start = async (name: string) => {
    const program = { kind: 'container', image: images.node, command: ['node', '-e', controlSource] } as const
    return await engine.start({ placement: await engine.place(name, {}), env: {}, program })
  }
  const [frozen, ended, , , untouched] = await Promise.all(
    ['frozen', 'ended', 'broken', 'side', 'untouched'].map(start),
  )
  const container = (name: string) => found.docker.getContainer(`squall-${runId}-${name}`)
  const intents: Undo[] = [
    { kind: 'unpause', unit: 'frozen' },
    { kind: 'restart', unit: 'ended' },
    { kind: 'disarm', unit: 'broken', port: 8199, token: 't0k' },
    { kind: 'disarm', unit: 'broken', port: 8199, token: 't0k', fault: 'f1-abc' },
    { kind: 'disarm', unit: 'broken', port: 8199, token: 't0k', fault: 'f9-old' },
    { kind: 'limits', unit: 'broken', limits: { CpuQuota: -1 } },
    { kind: 'remove', unit: 'side' },
    { kind: 'unpause', unit: 'untouched' },
    { kind: 'restart', unit: 'untouched' },
    { kind: 'restart', unit: 'nobody' },
  ]
  for (const undo of intents) await engine.intend(undo)
  const withdraw = await engine.intend({ kind: 'remove', unit: 'untouched' })
  await withdraw()
  await frozen?.pause()
  await ended?.kill('SIGKILL')
  await container('broken').update({ CpuQuota: 20_000 })

  engine.detach({ leaseMs: 120_000 })

  const report = await pollUntil({
    what: 'the reaper tells what it healed',
    everyMs: 50,
    budgetMs,
    probe: () => {
      const read = readReport(runId)
      return read ? { done: true, value: read } : { done: false, saw: 'no report' }
    },
  })
  expect(report.healed.map(({ undo, outcome, error }) => `${undo}: ${error ?? outcome}`)).toEqual([
    'restart nobody: moot',
    'restart untouched: not needed',
    'unpause untouched: not needed',
    'remove side: healed',
    'limits broken: healed',
    'disarm broken: not needed',
    'disarm broken: healed',
    'disarm broken: healed',
    'restart ended: healed',
    'unpause frozen: healed',
  ])
  expect(await frozen?.inspect()).toMatchObject({ status: 'running' })
  expect(await ended?.inspect()).toMatchObject({ status: 'running' })
  expect(await untouched?.inspect()).toMatchObject({ status: 'running' })
  const broken = await container('broken').inspect()
  expect(broken.HostConfig.CpuQuota).toBe(-1)
  expect(String(await container('broken').logs({ stdout: true, stderr: true }))).toMatch(
    /disarmed \/faults\/f9-old\s.*disarmed \/faults\/f1-abc\s.*disarmed \/faults\s/s,
  )
  await expect(container('side').inspect()).rejects.toMatchObject({ statusCode: 404 })
  expect(JSON.stringify(report)).not.toContain('t0k')
})
