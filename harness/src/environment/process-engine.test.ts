/** The process engine keeps the engine contract, and is up in milliseconds. */
import { describe, expect, test } from 'vitest'
import { nowMs } from '../support/clock.ts'
import { pollUntil } from '../support/poll.ts'
import { asProcess } from './contract-server.ts'
import { newRunId } from './contract-watch.ts'
import { engineContract } from './engine-contract.ts'
import type { EngineError } from './engine-error.ts'
import { findLeftovers } from './leftovers.ts'
import { openProcessEngine } from './process-engine.ts'
import { findRunFolders } from './temp-folder.ts'

describe('the process engine', () => {
  engineContract({
    open: (runId) => openProcessEngine({ runId }),
    program: asProcess,
    impossible: { kind: 'process', command: 'no-such-program-anywhere', args: [] },
    abandonedArguments: () => ['process'],
    leftovers: (runId) => findLeftovers({ runId }),
  })

  test('three trivial programs are up within 200 ms', async ({ annotate }) => {
    const startedAt = nowMs()
    await using engine = await openProcessEngine({ runId: newRunId() })
    const heard = ['a', 'b', 'c'].map(async (name) => {
      const placement = await engine.place(name, { http: 1 })
      const unit = await engine.start({ placement, env: {}, program: asProcess('console.log("up")') })
      return await new Promise<number>((resolve) => unit.onLine(() => resolve(nowMs())))
    })
    const lastAt = Math.max(...(await Promise.all(heard)))
    await annotate(`up in ${Math.round(lastAt - startedAt)} ms`)
    // The bar is 200 ms on a quiet machine (see the benchmark); here only a change of kind should fail.
    expect(lastAt - startedAt).toBeLessThan(2000)
  })

  test('the loss of the reaper is told', async () => {
    const lost: EngineError[] = []
    await using engine = await openProcessEngine({
      runId: newRunId(),
      onReaperLost: (error) => void lost.push(error),
    })
    const reaper = findRunFolders().find(({ marker }) => marker.run === engine.runId)?.marker.reaper
    process.kill(Number(reaper?.split(':')[1]), 'SIGKILL')
    await pollUntil({
      what: 'the loss is told',
      everyMs: 10,
      budgetMs: 10_000,
      probe: () => (lost.length > 0 ? { done: true, value: undefined } : { done: false, saw: 'nothing' }),
    })
    expect(lost[0]).toMatchObject({ code: 'reaper-lost', message: expect.stringContaining('SIGKILL') })
  })

  test('what a unit spawned dies with it', async () => {
    await using engine = await openProcessEngine({ runId: newRunId() })
    const placement = await engine.place('parent', {})
    const source = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])`
    const unit = await engine.start({
      placement,
      env: {},
      program: asProcess(`${source}; console.log('up')`),
    })
    await new Promise<void>((resolve) => unit.onLine(() => resolve()))
    const processes = async (): Promise<number> =>
      (await findLeftovers({ runId: engine.runId })).filter(({ kind }) => kind === 'process').length
    expect(await processes()).toBe(2)
    await unit.kill('SIGKILL')
    await pollUntil({
      what: 'both processes are gone',
      everyMs: 10,
      budgetMs: 10_000,
      probe: async () => {
        const count = await processes()
        return count === 0 ? { done: true, value: undefined } : { done: false, saw: `${count} processes` }
      },
    })
  })
})
