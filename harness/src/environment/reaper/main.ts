/**
 * The reaper: removes what a run left when the harness dies, however it dies. One program for both engines:
 *
 *   node main.ts                     in a container: Ryuk's protocol on port 8080, Docker socket mounted
 *   node main.ts --process <run id>  beside the process engine: standard input is the lifeline
 *
 * Environment, as Ryuk's: RYUK_PORT (8080), RYUK_CONNECTION_TIMEOUT (60s), RYUK_RECONNECTION_TIMEOUT (1s; Ryuk's own
 * default is 10s), in Go's notation ("500ms", "1m30s"); SQUALL_REAPER_FILTER, a request line that holds from the start,
 * so that a run is guarded before its harness has connected; SQUALL_REAPER_RUN, the run whose units it may heal;
 * SQUALL_REAPER_REPORT, the file that tells what it did. Needs node and nothing else; bundled into one file for its
 * image.
 */
import { checkRunId } from '../labels.ts'
import { parseDuration } from './duration.ts'
import { reportTo } from './report.ts'

const [mode, runId] = process.argv.slice(2)
// The process reaper answers its harness on standard output.
const log = mode === '--process' ? process.stderr : process.stdout
const report = reportTo((line) => void log.write(line))
// Nobody may be reading; that must not end the reaper.
process.stdout.on('error', () => undefined)
process.stderr.on('error', () => undefined)
const reportPath = process.env['SQUALL_REAPER_REPORT']

// Each loads only what it needs: the process reaper starts beside units that want the processor.
if (mode === '--process') {
  const { runProcessReaper } = await import('./process-reaper.ts')
  runProcessReaper(checkRunId(runId ?? ''), report, reportPath)
} else {
  const { runContainerReaper } = await import('./container-reaper.ts')
  const { env } = process
  runContainerReaper(
    {
      port: Number(env['RYUK_PORT'] ?? 8080),
      socketPath: '/var/run/docker.sock',
      connectionMs: parseDuration(env['RYUK_CONNECTION_TIMEOUT']) ?? 60_000,
      reconnectionMs: parseDuration(env['RYUK_RECONNECTION_TIMEOUT']) ?? 1000,
      removalBudgetMs: 60_000,
      initialFilter: env['SQUALL_REAPER_FILTER'],
      runId: env['SQUALL_REAPER_RUN'],
      reportPath,
    },
    report,
  )
}
