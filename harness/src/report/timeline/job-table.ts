/** Every job's fate as a table: which backend ids it had, how it ended, how long it took. */
import type { HistoryEvent } from '../../history/event.ts'
import { type OperationRecord, operationsOf } from '../../history/query.ts'
import { type Html, html } from '../html.ts'

const rowsMax = 1000

export function jobTable(history: readonly HistoryEvent[]): Html {
  const operations = operationsOf(history)
  const rows = operations.slice(0, rowsMax).map(
    (
      record,
    ) => html`<tr><td>${record.op}</td><td>${record.kind}</td><td>${jobIds(record)}</td><td>${fate(record)}</td>
<td class="num">${record.ends[0] ? Math.round(record.ends[0].ms) : ''}</td></tr>`,
  )
  const more =
    operations.length > rowsMax
      ? html`<p class="facts">${operations.length - rowsMax} more are in history.ndjson.</p>`
      : html``
  return html`<table><thead><tr><th>job</th><th>kind</th><th>ids at the backend</th><th>fate</th><th class="num">ms</th></tr></thead>
<tbody>${rows}</tbody></table>${more}`
}

function jobIds(record: OperationRecord): Html {
  return html`${record.jobIds.map((jobId, index) => html`${index > 0 ? ' → ' : ''}<code>${jobId.slice(0, 13)}</code>`)}`
}

function fate(record: OperationRecord): Html {
  if (record.ends.length === 0) return html`<span class="outcome fail">never ended</span>`
  if (record.ends.length > 1) return html`<span class="outcome fail">ended ${record.ends.length} times</span>`
  const end = record.ends[0]
  if (end?.what === 'ok') {
    const again = record.jobIds.length > 1 ? `, handed in ${record.jobIds.length} times` : ''
    const outputs = end.outputs.map((output) => `${output.mediaType} ${output.bytes} bytes`).join(', ')
    return html`ok${again}: ${outputs}`
  }
  const unaccepted = record.acceptedAt === undefined
  const word = end?.what === 'fail' ? 'refused' : unaccepted ? 'not accepted' : 'lost'
  return html`<span class="outcome fail">${word}</span> ${end?.error?.message ?? ''}`
}
