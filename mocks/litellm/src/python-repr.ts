/** Values as Python prints them, because LiteLLM puts the text of its lists and dictionaries into error messages. */

/** Python's `repr` of plain data. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (typeof value === 'number' || typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object') return 'None'
  const fields = Object.entries(value).map(([name, field]) => `${quoted(name)}: ${pythonRepr(field)}`)
  return `{${fields.join(', ')}}`
}

/** Single quotes, unless only double ones save a backslash. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t')
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote
}

/** A number of seconds as Python prints a float: `30.0`. */
export function pythonFloat(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value)
}
