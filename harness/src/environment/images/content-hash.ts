/** Names for content: the same parts have the same hash, whatever the order they are given in. */
import { createHash } from 'node:crypto'

/**
 * A short hash (12 hex digits, enough for a tag) over named parts. Names and lengths are hashed too, so that moving
 * bytes from one part to the next changes it.
 */
export function contentHash(parts: Readonly<Record<string, string | Buffer>>): string {
  const hash = createHash('sha256')
  for (const name of Object.keys(parts).sort()) {
    const content = Buffer.from(parts[name] ?? '')
    hash.update(`${name}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex').slice(0, 12)
}
