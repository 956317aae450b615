/** The chart: time to the right, one lane per service's health and per job, fault windows shaded through all. */
import type { HistoryEvent } from '../../history/event.ts'
import { faultsOf, operationsOf } from '../../history/query.ts'
import { type Html, html } from '../html.ts'
import { healthLanes, type Lane, operationLanes } from './lanes.ts'

const labelWidth = 130
const plotWidth = 930
/** Of the names of faults, in pixels: their letters are a little narrower than that. */
const letterWidth = 6.5
const labelHeight = 12

const laneHeight = 16
/** Of the axis. */
const axisHeight = 18
/** More lanes than this say nothing to an eye; the table below and the history have all of them. */
const operationLanesMax = 120

export function drawChart(history: readonly HistoryEvent[]): Html {
  const endAt = Math.max(1, ...history.map((event) => event.at))
  const from = beginOfInterest(history)
  const scale = (at: number): number =>
    labelWidth + (Math.max(0, at - from) / Math.max(1, endAt - from)) * plotWidth
  const operations = operationsOf(history)
  const lanes = [
    ...healthLanes(history, from, endAt),
    ...operationLanes(history, operations.slice(0, operationLanesMax), endAt),
  ]
  const windows = placeWindows(history, scale, endAt)
  const rows = Math.max(1, ...windows.map(({ row }) => row + 1))
  const top = axisHeight + rows * labelHeight + 4
  const height = top + lanes.length * laneHeight + 8
  const hidden = operations.length - operationLanesMax
  const note =
    hidden > 0
      ? html`<p class="facts">${hidden} more jobs are not drawn; the table and history.ndjson have them.</p>`
      : html``
  return html`<svg viewBox="0 0 ${labelWidth + plotWidth + 10} ${height}" role="img" aria-label="timeline">
${axis(from, endAt, scale, height)}
${windows.map((window) => drawWindow(window, height))}
${lanes.map((lane, index) => drawLane(lane, top + index * laneHeight, scale))}
</svg>
<p class="legend facts">job: <span style="--c:var(--wait)">waits</span><span style="--c:var(--run)">runs</span><span style="--c:var(--ok)">ended well</span><span style="--c:var(--bad)">lost or refused</span> &middot; a triangle marks a job handed in again</p>
${note}`
}

/** Bringing the environment up is of no interest here: begin a little before the first job. */
function beginOfInterest(history: readonly HistoryEvent[]): number {
  const first = history.find((event) => event.type === 'operation')?.at ?? 0
  return Math.max(0, first - 200)
}

function axis(from: number, endAt: number, scale: (at: number) => number, height: number): Html {
  const span = endAt - from
  const step =
    [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000].find((size) => span / size <= 10) ?? 120_000
  const ticks = Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => from + index * step)
  return html`${ticks.map((at) => {
    const x = scale(at).toFixed(1)
    return html`<line x1="${x}" x2="${x}" y1="18" y2="${height}" stroke="var(--line)"/><text class="dim" x="${x}" y="12">${((at - from) / 1000).toFixed(step < 1000 ? 2 : 0)} s</text>`
  })}`
}

type FaultWindow = {
  readonly name: string
  readonly x: number
  readonly width: number
  /** In which of the rows its name stands. */
  readonly row: number
}

/** Names that would lie on each other stand in rows of their own. */
function placeWindows(
  history: readonly HistoryEvent[],
  scale: (at: number) => number,
  endAt: number,
): FaultWindow[] {
  const begun = faultsOf(history)
    .flatMap(({ name, intentAt, healedAt = endAt }) =>
      intentAt === undefined ? [] : [{ name, intentAt, healedAt }],
    )
    .toSorted((a, b) => a.intentAt - b.intentAt)
  /** How far each row is taken. */
  const taken: number[] = []
  return begun.map(({ name, intentAt, healedAt }) => {
    const x = scale(intentAt)
    const free = taken.findIndex((end) => end <= x)
    const row = free === -1 ? taken.length : free
    taken[row] = x + (name.length + 2) * letterWidth
    return { name, x, width: Math.max(2, scale(healedAt) - x), row }
  })
}

function drawWindow({ name, x, width, row }: FaultWindow, height: number): Html {
  const y = axisHeight + row * labelHeight + 11
  return html`<rect x="${x.toFixed(1)}" y="${axisHeight}" width="${width.toFixed(1)}" height="${height - axisHeight}" fill="var(--fault)"/><line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${axisHeight}" y2="${height}" stroke="var(--bad)" stroke-width="1.5"/><text x="${(x + 4).toFixed(1)}" y="${y}" font-weight="700">${name}</text>`
}

function drawLane(lane: Lane, y: number, scale: (at: number) => number): Html {
  const bars = lane.spans.map((span) => {
    const x = scale(span.from)
    const width = Math.max(1.5, scale(span.to) - x)
    return html`<rect x="${x.toFixed(1)}" y="${y + 3}" width="${width.toFixed(1)}" height="${laneHeight - 6}" rx="2" fill="var(${span.colour})"><title>${span.title}</title></rect>`
  })
  const marks = lane.marks.map((mark) => {
    const x = scale(mark.at)
    return html`<path d="M${x.toFixed(1)} ${y + 2} l5 ${laneHeight - 4} h-10 z" fill="currentColor"><title>${mark.title}</title></path>`
  })
  return html`<text x="0" y="${y + laneHeight - 4}">${lane.label}</text>${bars}${marks}`
}
