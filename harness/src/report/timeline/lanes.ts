/** What stands in each lane of the chart, as data: spans of time with a colour, and marks. */
import type { HistoryEvent } from '../../history/event.ts'
import type { OperationRecord } from '../../history/query.ts'

export type Lane = {
  readonly label: string
  readonly spans: readonly Span[]
  readonly marks: readonly Mark[]
}
export type Span = {
  readonly from: number
  readonly to: number
  readonly colour: string
  readonly title: string
}
export type Mark = { readonly at: number; readonly title: string }

/** One lane per service whose health the clients watched. Several clients: UNHEALTHY while any of them says so. */
export function healthLanes(history: readonly HistoryEvent[], from: number, endAt: number): Lane[] {
  const events = history.filter((event) => event.type === 'health')
  const services = [...new Set(events.map((event) => event.service))].sort()
  return services.map((service) => {
    const own = events.filter((event) => event.service === service)
    const spans = own.map((event, index): Span => {
      const colour = event.state === 'HEALTHY' ? '--ok' : '--bad'
      const title = `${service} ${event.state}${event.reason === undefined ? '' : `: ${event.reason}`}`
      return { from: Math.max(from, event.at), to: own[index + 1]?.at ?? endAt, colour, title }
    })
    return { label: `${service} health`, spans: spans.filter((span) => span.to > from), marks: [] }
  })
}

/** One lane per operation: waiting, running, and how it ended. */
export function operationLanes(
  history: readonly HistoryEvent[],
  operations: readonly OperationRecord[],
  endAt: number,
): Lane[] {
  const startedAt = new Map<string, number>()
  const resubmittedAt = new Map<string, number>()
  for (const event of history) {
    if (event.type === 'journal' && event.event === 'job-started' && event.jobId !== undefined) {
      if (!startedAt.has(event.jobId)) startedAt.set(event.jobId, event.at)
    }
    if (event.type !== 'job') continue
    if (event.what === 'started' && !startedAt.has(event.jobId)) startedAt.set(event.jobId, event.at)
    if (event.what === 'resubmitted') resubmittedAt.set(event.jobId, event.at)
  }
  return operations.map((record) => {
    const end = record.ends[0]
    const to = end?.at ?? endAt
    const spans = record.jobIds.flatMap((jobId, index) => {
      const from =
        index === 0
          ? record.invokedAt
          : (resubmittedAt.get(record.jobIds[index - 1] ?? '') ?? record.invokedAt)
      const until = resubmittedAt.get(jobId) ?? to
      return attempt(jobId, from, startedAt.get(jobId), until)
    })
    const last = {
      from: to,
      to: to + 1,
      colour: end?.what === 'ok' ? '--ok' : '--bad',
      title: describeEnd(record),
    }
    const whole =
      spans.length > 0 ? spans : [{ from: record.invokedAt, to, colour: '--wait', title: record.op }]
    const marks = record.jobIds.flatMap((jobId) => {
      const at = resubmittedAt.get(jobId)
      return at === undefined ? [] : [{ at, title: `${jobId} was gone; handed in again` }]
    })
    return { label: `${record.kind} ${record.op}`, spans: [...whole, widen(last)], marks }
  })
}

function attempt(jobId: string, from: number, startedAt: number | undefined, until: number): Span[] {
  const begun = startedAt === undefined ? until : Math.min(startedAt, until)
  const waits: Span = { from, to: begun, colour: '--wait', title: `${jobId} waits` }
  const runs: Span = { from: begun, to: until, colour: '--run', title: `${jobId} runs` }
  return startedAt === undefined ? [waits] : [waits, runs]
}

/** An instant is drawn a few ms wide, so that it can be seen. */
function widen(span: Span): Span {
  return { ...span, from: span.from - 1, to: span.from + 6 }
}

function describeEnd(record: OperationRecord): string {
  const end = record.ends[0]
  if (end === undefined) return `${record.op} never ended`
  return end.what === 'ok'
    ? `${record.op} ok after ${Math.round(end.ms)} ms`
    : `${record.op}: ${end.error?.message ?? end.what}`
}
