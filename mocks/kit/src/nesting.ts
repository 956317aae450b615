/**
 * How deep JSON may nest. Python's parser gives up at its recursion limit of 1000 less the frames that are there
 * already; V8's goes on, and then whoever walks the result runs out of stack. So the text is looked at first.
 */

/** Measured with aiohttp 3.14.3 and FastAPI on Python 3.11: some frames of the server count as well. */
const levelsMax = 950

const [quote, backslash, openList, closeList, openObject, closeObject] = [34, 92, 91, 93, 123, 125]

/** Whether Python would raise RecursionError. Text that is no JSON gives any answer. */
export function isTooDeep(text: string): boolean {
  if (text.length < levelsMax) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (code === openList || code === openObject) depth += 1
    else if (code === closeList || code === closeObject) depth -= 1
    if (depth > levelsMax) return true
  }
  return false
}

/** Place of the closing quote, or the end of the text. */
function endOfString(text: string, from: number): number {
  let at = text.indexOf('"', from + 1)
  while (at !== -1 && isEscaped(text, at)) at = text.indexOf('"', at + 1)
  return at === -1 ? text.length : at
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes += 1
  return backslashes % 2 === 1
}
