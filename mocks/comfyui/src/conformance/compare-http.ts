/** Compares one HTTP answer with the recorded one. */
import { readExact } from './exact-json.ts'
import type { Answer } from './http-exchange.ts'
import type { Normaliser } from './normalise.ts'
import type { RecordedResponse } from './recording.ts'

/** Headers whose text must be equal. */
const exactHeaders = [
  'content-type',
  'content-disposition',
  'content-encoding',
  'content-range',
  'cache-control',
  'connection',
  'server',
  'vary',
  'x-content-type-options',
  'access-control-allow-origin',
]

/** Headers that must be there or not; their text belongs to the file. */
const presentHeaders = ['accept-ranges', 'etag', 'last-modified']

/** Both answers in a form that can be compared by their JSON text. */
export function comparedAnswers(
  recorded: RecordedResponse,
  answer: Answer,
  sides: { readonly recorded: Normaliser; readonly live: Normaliser },
): { readonly expected: unknown; readonly actual: unknown } {
  const text = answer.body.toString()
  const shared = { status: recorded.status, headers: headersOf(recorded.headers) }
  const live = { status: answer.status, headers: headersOf(answer.headers) }
  if (recorded.binary !== undefined) {
    // Pixels are not compared; the first bytes tell the format.
    const magic = (hex: string): string => hex.slice(0, 8)
    return {
      expected: { ...shared, magic: magic(recorded.binary.head_hex) },
      actual: { ...live, magic: magic(answer.body.toString('hex', 0, 8)) },
    }
  }
  if (recorded.json_truncated !== undefined) {
    const start = recorded.json_truncated.replace(/ …$|…$/, '')
    return {
      expected: { ...shared, start: folded(sides.recorded(start)) },
      actual: { ...live, start: folded(sides.live(text)).slice(0, folded(sides.recorded(start)).length) },
    }
  }
  if (!('json' in recorded)) {
    return {
      expected: { ...shared, text: recorded.text ?? '' },
      actual: { ...live, text },
    }
  }
  return {
    expected: { ...shared, json: sides.recorded(recorded.json) },
    actual: { ...live, json: parsed(text, sides.live) },
  }
}

function parsed(text: string, normalise: Normaliser): unknown {
  try {
    return normalise(readExact(text))
  } catch {
    return `not JSON: ${text}`
  }
}

/** Times, file counters, versions and tooltips inside a text that was cut and cannot be parsed. */
function folded(text: unknown): string {
  return String(text)
    .replace(/(, )?"tooltip": "(?:[^"\\]|\\.)*"/g, '')
    .replace(/("installed_templates_version": )(null|"[^"]*")/g, '$1#')
    .replace(/\d{10,}/g, '#')
    .replace(/_\d{5}_\./g, '_#_.')
}

function headersOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  ) as Record<string, string>
  const shown: Record<string, string> = {}
  for (const name of exactHeaders) if (lower[name] !== undefined) shown[name] = lower[name]
  // A bare keep-alive is what every HTTP/1.1 answer means anyway.
  if (shown['connection'] === 'keep-alive') delete shown['connection']
  for (const name of presentHeaders) if (lower[name] !== undefined) shown[name] = '<present>'
  // Answers without a body carry no type on the real server; Node clients see none either.
  return shown
}
