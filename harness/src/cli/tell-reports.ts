/** What reapers did since somebody last looked: the next run says it, so that a crash does not pass unnoticed. */
import { reportLine, takeReports } from '../environment/reaper-reports.ts'
import type { Log } from '../support/log.ts'

export function tellReports(log: Log): void {
  for (const reaped of takeReports()) log.progress(reportLine(reaped))
}
