/**
 * The reaper of the process engine: a detached process whose standard input is its lifeline. When that ends (the
 * harness is gone, however it went), it ends every process of the run and removes the run's temp folder.
 */
import { removeRunFolder } from '../temp-folder.ts'
import { endProcesses } from './end-processes.ts'
import { readLines } from './lines.ts'
import type { Report } from './report.ts'
import { parseRequest } from './request.ts'
import { startVigil } from './vigil.ts'

const killBudgetMs = 30_000

export function runProcessReaper(runId: string, report: Report): void {
  const registered: string[] = []
  const reap = async (): Promise<void> => {
    const { ended, left } = await endProcesses({ runId, registered, budgetMs: killBudgetMs })
    report('reaped', { processes: ended, left, folder: removeRunFolder(runId) })
    process.exit(left.length === 0 ? 0 : 1)
  }
  const vigil = startVigil({ connectionMs: 0, reconnectionMs: 0, onDue: () => void reap() })
  vigil.connected()
  readLines(process.stdin, (line) => {
    const request = parseRequest(line)
    if (request?.kind === 'process') registered.push(request.owner)
    if (request?.kind === 'lease') vigil.lease(request.ms)
    if (request?.kind === 'done') vigil.release()
  })
  process.stdin.once('close', () => vigil.disconnected())
  process.stdin.on('error', () => undefined)
  process.once('SIGTERM', () => vigil.end())
  report('started', { message: 'Started', run: runId })
}
