/** One trial: start a run, end it at its moment in one of several ways, and see when nothing of it is left. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beginProof, type EngineKind, leftoversOf, reaperReportOf } from '@squall/harness'
import { pause } from '../clock.ts'
import type { Ending } from './endings.ts'
import { faultsBegan } from './faults-began.ts'
import { planFor } from './plan.ts'
import { openSmallDisk } from './small-disk.ts'

export type Trial = {
  readonly engine: EngineKind
  readonly ending: string
  /** From the first fault's turn to the end of the harness, ms. */
  readonly momentMs: number
  /** From the end of the harness (or the wish for it) until nothing is left; absent when something was. */
  readonly cleanMs?: number
  /** How the harness ended: its exit code, or the signal. */
  readonly exit: number | string
  /** Faults that were open when the harness went, as the reaper healed them: "unpause wan2gp (healed)". */
  readonly healed: readonly string[]
  /** Whether a reaper had something to do and said so; on a full disk it cannot. */
  readonly reaped: boolean
  /** What was left, or is not as it was before. */
  readonly left: readonly string[]
}

const cleanMsMax = 30_000
const exitMsMax = 10_000

export async function playTrial(engine: EngineKind, ending: Ending, momentMs: number): Promise<Trial> {
  await using disk = ending.onSmallDisk ? openSmallDisk() : undefined
  const folder = mkdtempSync(join(disk?.folder ?? tmpdir(), 'squall-clean-'))
  const proof = await beginProof(engine)
  try {
    const plan = join(folder, 'clean.json')
    writeFileSync(plan, JSON.stringify(planFor(engine)))
    const how = { engine, folder, plan, momentMs }
    const run = ending.start(how)
    const exited = once(run, 'exit') as Promise<[number | null, string | null]>
    const runId = await faultsBegan(folder, () => run.exitCode !== null)
    await ending.end(run, how, disk)
    const endedAt = performance.now()
    const isClean = await untilNothing(runId)
    const cleanMs = performance.now() - endedAt
    const [code, signal] = await endedInTime(run, exited)
    const { left, lost } = await proof.conclude(runId)
    const report = reaperReportOf(runId)
    return {
      ...{ engine, ending: ending.name, momentMs, exit: code ?? signal ?? 'unknown' },
      ...(isClean && left.length === 0 && { cleanMs }),
      healed: (report?.healed ?? []).map(({ undo, outcome, error }) => `${undo} (${error ?? outcome})`),
      reaped: report !== undefined,
      left: [...left, ...lost],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function untilNothing(runId: string): Promise<boolean> {
  const endsAt = performance.now() + cleanMsMax
  while (performance.now() < endsAt) {
    if ((await leftoversOf(runId)).length === 0) return true
    await pause(20)
  }
  return false
}

/** A harness that does not end by itself is ended, so that the next trial does not run beside it. */
async function endedInTime<T>(run: ChildProcess, exited: Promise<T>): Promise<T> {
  const over = pause(exitMsMax).then(() => run.kill('SIGKILL'))
  over.catch(() => undefined)
  return await exited
}
