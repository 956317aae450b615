/** Healing of what dead runs of the process engine left; living runs are not touched. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pollUntil } from '../support/poll.ts'
import { asProcess } from './contract-server.ts'
import { abandonedRun, budgetMs, firstLine, newRunId } from './contract-watch.ts'
import { heal, listRuns, removeRun } from './heal.ts'
import { findLeftovers } from './leftovers.ts'
import { ownOwner } from './owner.ts'
import { openProcessEngine } from './process-engine.ts'
import { findRunFolders, markRunFolder, removeRunFolder, runFolderPath } from './temp-folder.ts'

test('a run without harness and reaper is dead and is removed; the living one stays', async () => {
  await using living = await openProcessEngine({ runId: newRunId() })
  const unit = await living.start({
    placement: await living.place('unit', {}),
    env: {},
    program: asProcess('setInterval(() => {}, 1000)'),
  })
  const runId = newRunId()
  const harness = abandonedRun(runId, ['process'])
  await firstLine(harness)
  const folder = findRunFolders().find(({ marker }) => marker.run === runId)
  process.kill(Number(folder?.marker.reaper?.split(':')[1]), 'SIGKILL')
  harness.kill('SIGKILL')
  await once(harness, 'exit')

  await pollUntil({
    what: 'the run counts as dead',
    everyMs: 10,
    budgetMs,
    probe: async () => {
      const run = (await listRuns({})).find((found) => found.runId === runId)
      return run?.dead ? { done: true, value: undefined } : { done: false, saw: run?.why ?? 'no such run' }
    },
  })
  const { healed, kept } = await heal({})
  const removal = healed.find((run) => run.runId === runId)
  expect(removal?.left).toEqual([])
  expect(removal?.removed.map(({ kind }) => kind).toSorted()).toEqual(['folder', 'process', 'process'])
  expect(kept.find((run) => run.runId === living.runId)).toMatchObject({
    dead: false,
    why: `its harness runs (process ${process.pid})`,
  })
  expect((await unit.inspect()).status).toBe('running')
  expect(await findLeftovers({ runId })).toEqual([])
})

test('a run whose reaper runs is left to it', async () => {
  const runId = newRunId()
  const dead = ownOwner().replace(/:\d+$/, ':1')
  markRunFolder({ run: runId, owner: dead, created: '', reaper: ownOwner() })
  expect((await listRuns({})).find((run) => run.runId === runId)).toMatchObject({
    dead: false,
    why: expect.stringContaining('its reaper runs'),
  })
  markRunFolder({ run: runId, owner: dead, created: '', reaper: dead })
  expect((await listRuns({})).find((run) => run.runId === runId)).toMatchObject({ dead: true })
  expect((await removeRun(runId, {})).removed).toMatchObject([{ kind: 'folder' }])
})

test('a folder without our marker is not ours, whatever its name', () => {
  const runId = newRunId()
  mkdirSync(runFolderPath(runId))
  expect(removeRunFolder(runId)).toBe(false)
  expect(findRunFolders().some(({ marker }) => marker.run === runId)).toBe(false)
  rmSync(runFolderPath(runId), { recursive: true })
})

test('a living run whose folder is out of sight is known by its processes, and is kept', async () => {
  await using living = await openProcessEngine({ runId: newRunId() })
  const program = asProcess('setInterval(() => {}, 1000)')
  await living.start({ placement: await living.place('unit', {}), env: {}, program })
  // As for somebody who looks with another TMPDIR.
  removeRunFolder(living.runId)
  const found = (await listRuns({})).find((run) => run.runId === living.runId)
  expect(found).toMatchObject({ dead: false, why: `its harness runs (process ${process.pid})` })
  expect(found?.things).toMatchObject([{ kind: 'process' }])
})

test('a process that merely has the variable is nobody of ours', async () => {
  const runId = newRunId()
  const stranger = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], {
    env: { ...process.env, SQUALL_RUN: runId },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await firstLine(stranger)
  expect(await findLeftovers({ runId })).toEqual([])
  await removeRun(runId, {})
  expect(stranger.exitCode ?? stranger.signalCode).toBe(null)
  stranger.kill('SIGKILL')
})
