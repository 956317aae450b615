/** One trial: start a run, end it at its moment in one of four ways, and see when nothing of it is left. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beginProof, type EngineKind, leftoversOf, reaperReportOf } from '@squall/harness'
import { pause } from '../clock.ts'
import { planFor } from './plan.ts'

export const endings = ['SIGKILL', 'SIGINT', 'SIGTERM', 'exception'] as const
export type Ending = (typeof endings)[number]

export type Trial = {
  readonly engine: EngineKind
  readonly ending: Ending
  /** From the first fault's turn to the end of the harness, ms. */
  readonly momentMs: number
  /** From the end of the harness (or the wish for it) until nothing is left; absent when something was. */
  readonly cleanMs?: number
  /** Faults that were open when the harness went, as the reaper healed them: "unpause wan2gp (healed)". */
  readonly healed: readonly string[]
  /** What was left, or is not as it was before. */
  readonly left: readonly string[]
}

const squall = fileURLToPath(new URL('../../harness/src/cli/main.ts', import.meta.url))
const throwing = fileURLToPath(new URL('programs/throwing-subject.ts', import.meta.url))
const cleanMsMax = 30_000
const startMsMax = 120_000

export async function playTrial(engine: EngineKind, ending: Ending, momentMs: number): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), 'squall-clean-'))
  const proof = await beginProof(engine)
  try {
    const file = join(folder, 'clean.json')
    writeFileSync(file, JSON.stringify(planFor(engine)))
    const subject = ending === 'exception' ? ['--subject', throwing] : []
    const child = spawn(
      process.execPath,
      [squall, 'run', file, '--engine', engine, '--runs', folder, ...subject],
      { stdio: 'ignore', env: { ...process.env, THROW_AFTER_MS: String(momentMs + 500) } },
    )
    const exited = once(child, 'exit')
    const runId = await faultsBegan(folder, child)
    if (ending === 'exception') await exited
    else {
      await pause(momentMs)
      child.kill(ending)
    }
    const endedAt = performance.now()
    const isClean = await untilNothing(runId)
    const cleanMs = performance.now() - endedAt
    await exited
    const { left, lost } = await proof.conclude(runId)
    const report = reaperReportOf(runId)
    return {
      ...{ engine, ending, momentMs },
      ...(isClean && left.length === 0 && { cleanMs }),
      healed: (report?.healed ?? []).map(({ undo, outcome, error }) => `${undo} (${error ?? outcome})`),
      left: [...left, ...lost],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The id of the run, once the plan's first fault had its turn. */
async function faultsBegan(folder: string, child: { exitCode: number | null }): Promise<string> {
  const endsAt = performance.now() + startMsMax
  for (;;) {
    const [history] = globSync(join(folder, '.runs/*/*/history.ndjson'))
    if (history !== undefined && readFileSync(history, 'utf8').includes('"what":"intent"')) {
      return (JSON.parse(readFileSync(join(history, '../machine.json'), 'utf8')) as { runId: string }).runId
    }
    if (child.exitCode !== null || performance.now() > endsAt) throw new Error('the run did not begin')
    await pause(20)
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
