/**
 * The reaper of the process engine: a detached process whose standard input is its lifeline. When that ends, or is
 * silent for longer than the lease, the harness is gone: it heals the faults in force, ends every process of the run
 * and removes the run's temp folder. Each line is answered on standard output.
 */
import { nowMs } from '../../support/clock.ts'
import { ownerIsAlive } from '../owner.ts'
import { removeRunFolder } from '../temp-folder.ts'
import { openClaims } from './claims.ts'
import { type Client, serveClient } from './client.ts'
import { endProcesses } from './end-processes.ts'
import { healIntents } from './heal-intents.ts'
import { type Reaped, writeReaped } from './reaped.ts'
import type { Report } from './report.ts'
import { wayOf } from './undo/catalog.ts'
import type { ProcessHands } from './undo/undo.ts'
import { startVigil } from './vigil.ts'

const killBudgetMs = 30_000

/** @param reportPath See writeReaped. */
export function runProcessReaper(runId: string, report: Report, reportPath: string | undefined): void {
  let why: Reaped['why'] = 'the harness was gone'
  const reap = async (): Promise<void> => {
    const goneAt = nowMs()
    const { intents, processes } = client
    const healed = await healIntents([...intents.values()], (undo) =>
      wayOf(undo).inProcess(undo, handsFor(client)),
    )
    const soFar = { run: runId, engine: 'process', at: new Date(goneAt).toISOString(), why, healed } as const
    if (healed.length > 0) writeReaped(reportPath, { ...soFar, tookMs: Math.round(nowMs() - goneAt) })
    const registered = processes.map(({ owner }) => owner)
    const { ended, left } = await endProcesses({ runId, registered, budgetMs: killBudgetMs })
    const removed = [
      ...ended.map((pid) => `process ${pid}`),
      ...(removeRunFolder(runId) ? ['temp folder'] : []),
    ]
    const tookMs = Math.round(nowMs() - goneAt)
    const done = { ...soFar, removed, left: left.map((pid) => `process ${pid}`), tookMs }
    // After a good end there is nothing left to do, and nothing to tell.
    if (healed.length + removed.length + left.length > 0) writeReaped(reportPath, done)
    report('reaped', done)
    process.exit(left.length === 0 ? 0 : 1)
  }
  const vigil = startVigil({ connectionMs: 0, reconnectionMs: 0, onDue: () => void reap() })
  const client = serveClient({
    input: process.stdin,
    answer: (line) => void process.stdout.write(line),
    vigil,
    claims: openClaims(),
    report,
    onGone: ({ ending }) => {
      if (ending === 'silent') why = 'the harness was silent for longer than its lease'
    },
  })
  process.once('SIGTERM', () => {
    why = 'asked to end'
    vigil.end()
  })
  report('started', { message: 'Started', run: runId })
}

/** The last process that was registered for a unit is its present life. */
function handsFor({ processes }: Client): ProcessHands {
  return {
    processOf: (unit) => {
      const owner = processes.findLast((one) => one.unit === unit)?.owner
      return owner !== undefined && ownerIsAlive(owner) ? Number(owner.split(':')[1]) : undefined
    },
  }
}
