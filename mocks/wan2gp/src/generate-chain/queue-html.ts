/** The queue as the page shows it: an HTML table of waiting tasks. The running one (task 0) is never listed. */
import type { Task } from '../session.ts'

const promptLengthMax = 100

/** The table, or the sentence that the queue is empty. Buttons and thumbnails of the real table are left out. */
export function queueHtml(queue: readonly Task[]): string {
  if (queue.length <= 1) {
    return "<div style='text-align: center; color: grey; padding: 20px;'>Queue is empty.</div>"
  }
  const rows = queue.slice(1).map((task) => {
    const prompt =
      task.prompt.length > promptLengthMax
        ? `${escapeHtml(task.prompt.slice(0, 97))}...`
        : escapeHtml(task.prompt)
    return `<tr><td>1</td><td>${prompt}</td><td>${task.frames}</td><td>${task.steps}</td><td></td><td></td><td></td><td></td></tr>`
  })
  const heads = ['Qty', 'Prompt', 'Length', 'Steps', 'Start/Ref', 'End', '', ''].map(
    (head) => `<th>${head}</th>`,
  )
  return `<table><thead><tr>${heads.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`
}

/** Escape text for HTML as Python's `html.escape` does. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#x27;')
}
