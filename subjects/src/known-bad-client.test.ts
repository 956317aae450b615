/**
 * The checks against a client that is known to be bad: it gives up on its open jobs as soon as its connection
 * breaks. If this client passed, the pass of any other would mean nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ActiveSubject, defineExperiment, runExperiment, type Subject } from '@squall/harness'
import { expect, test } from 'vitest'
import { reference } from './reference.ts'

const experiment = defineExperiment({
  title: 'A4 known-bad client',
  seed: 4,
  topology: { comfyui: 'twin' },
  timeScale: 0.1,
  workload: { kind: 'closed-loop', users: 4, jobsPerUser: 1, mix: ['image'] },
  faults: [{ when: { jobsRunning: 1, jobsQueued: 3 }, forMs: 300, on: 'comfyui', fault: { kind: 'kill' } }],
})

test('A4 a client that gives up fails, and every job it lost is named', async ({ onTestFinished }) => {
  const root = mkdtempSync(join(tmpdir(), 'squall-known-bad-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const result = await runExperiment(experiment, { engine: 'process', subject: givesUp, root })
  expect(result).toMatchObject({ status: 'completed', outcome: 'fail' })
  const lost = result.verdict.checks.find((check) => check.check === 'no-lost-jobs')
  expect(lost?.reason).toBe('of 4 accepted jobs: 4 lost (u0.0, u1.0, u2.0, u3.0)')
  expect(lost?.details).toHaveLength(4)
  expect(lost?.details?.[0]).toMatch(
    /^image job u0\.0 on comfyui \([0-9a-f-]{36}\) lost: the connection broke$/,
  )
}, 60_000)

test('A4 a run that stops at the first lost job is over as soon as one is, and healed', async ({
  onTestFinished,
}) => {
  const root = mkdtempSync(join(tmpdir(), 'squall-known-bad-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const endless = defineExperiment({
    ...experiment,
    title: 'A4 known-bad client, stopped',
    workload: { ...experiment.workload, jobsPerUser: 1000 },
    faults: experiment.faults.map((step) => ({ ...step, forMs: 300_000 })),
    stopWhen: { checks: ['no-lost-jobs', 'outputs-intact'] },
  })
  const result = await runExperiment(endless, { engine: 'process', subject: givesUp, root })
  expect(result).toMatchObject({ status: 'stopped', outcome: 'fail', clean: { clean: true } })
  expect(result.problem).toMatch(/^no-lost-jobs failed: of 1 accepted jobs: 1 lost \(u\d\.0\)$/)
  const told = result.history.flatMap((event) => (event.type === 'fault' ? [event.what] : []))
  expect(told).toEqual(['waiting', 'intent', 'active', 'healing', 'healed'])
}, 60_000)

const givesUp: Subject = {
  name: 'gives-up',
  async start(options) {
    const gaveUp = new AbortController()
    const client = await reference.start({
      ...options,
      emit: (event) => {
        options.emit(event)
        if (event.type === 'connection' && event.state === 'disconnected') gaveUp.abort()
      },
    })
    // The client inside must stop too: a job that it hands in again would rightly be called a ghost.
    const follow: ActiveSubject['follow'] = async (submitted, signal) => {
      try {
        return await client.follow(submitted, AbortSignal.any([signal, gaveUp.signal]))
      } catch (error) {
        if (!gaveUp.signal.aborted) throw error
        throw Object.assign(new Error('the connection broke'), { failureClass: 'network' })
      }
    }
    return {
      discover: () => client.discover(),
      submit: (job, signal) => client.submit(job, signal),
      follow,
      stats: () => client.stats(),
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    }
  },
}
