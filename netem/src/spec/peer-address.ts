/** A peer as filters and partitions name it. */
import { isIP, isIPv4 } from 'node:net'

/** "10.0.0.0/8": an address and, at will, a prefix length that fits it. */
export function isPeerAddress(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  if (rest.length > 0 || isIP(address) === 0 || address.includes('%')) return false
  if (prefix === undefined) return true
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv4(address) ? 32 : 128)
}
