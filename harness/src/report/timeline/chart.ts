/** The chart: time to the right, one lane per service's health and per job, fault windows shaded through all. */
import type { HistoryEvent } from '../../history/event.ts'
import { faultsOf, operationsOf } from '../../history/query.ts'
import { type Html, html } from '../html.ts'
import { healthLanes, type Lane, operationLanes } from './lanes.ts'

const labelWidth = 130
const plotWidth = 930
/** Labels closer than this would be unreadable, in pixels. */
const labelGap = 60

const laneHeight = 16
const top = 34
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
  const height = top + lanes.length * laneHeight + 8
  const hidden = operations.length - operationLanesMax
  const note =
    hidden > 0
      ? html`<p class="facts">${hidden} more jobs are not drawn; the table and history.ndjson have them.</p>`
      : html``
  return html`<svg viewBox="0 0 ${labelWidth + plotWidth + 10} ${height}" role="img" aria-label="timeline">
${axis(from, endAt, scale, height)}
${faultWindows(history, scale, height, endAt)}
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

function faultWindows(
  history: readonly HistoryEvent[],
  scale: (at: number) => number,
  height: number,
  endAt: number,
): Html {
  const windows = faultsOf(history).filter((fault) => fault.intentAt !== undefined)
  const places = windows.map((fault) => ({ fault, x: scale(fault.intentAt ?? 0) }))
  return html`${places.map(({ fault, x }, index) => {
    // Faults that begin together share the first one's label, or the texts would lie on each other.
    const together = places.filter((other) => Math.abs(other.x - x) < labelGap)
    const isFirst = together[0] === places[index]
    const label = isFirst ? together.map((other) => other.fault.name).join(', ') : ''
    const width = Math.max(2, scale(fault.healedAt ?? endAt) - x)
    return html`<rect x="${x.toFixed(1)}" y="18" width="${width.toFixed(1)}" height="${height - 18}" fill="var(--fault)"/><line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="18" y2="${height}" stroke="var(--bad)" stroke-width="1.5"/><text x="${(x + 4).toFixed(1)}" y="29" font-weight="700">${label}</text>`
  })}`
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
