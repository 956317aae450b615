/** Takes out of what was seen everything that differs from run to run or from machine to machine. */

const rules: readonly (readonly [RegExp, string])[] = [
  [/chatcmpl-[0-9a-f]{8}-[0-9a-f-]{27}/g, 'chatcmpl-<uuid>'],
  [/(chatcmpl|cmpl|embd|img)-[0-9a-f]{32}/g, '$1-<32 hex>'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>'],
  [/\b[0-9a-f]{64}\b/g, '<64 hex>'],
  [/http:\/\/[\d.]+:\d+\/v1/g, '<upstream>'],
  // Python's clock: 0.4 or 0.42.
  [/time taken=[\d.]+ seconds/g, 'time taken=<s> seconds'],
  [/http:\/\/127\.0\.0\.1:\d+/g, '<gateway>'],
]

/** Plain data without ids, addresses and times. Long lists of numbers become their length. */
export function normalised(value: unknown, name = ''): unknown {
  if (typeof value === 'string')
    return shortened(rules.reduce((text, [from, to]) => text.replace(from, to), value))
  if (typeof value === 'number') return name === 'created' ? '<time>' : value
  if (Array.isArray(value)) {
    const isVector = value.length > 100 && value.every((item) => typeof item === 'number')
    return isVector ? `<${value.length} numbers>` : value.map((item) => normalised(item))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, normalised(field, key)]))
}

const textMax = 4000

/** Pictures and the like: only their size says something here. */
function shortened(text: string): string {
  return text.length > textMax ? `<${text.length} characters>` : text
}
