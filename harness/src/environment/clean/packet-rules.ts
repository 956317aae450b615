/**
 * Packet filter rules of both families, but for those that the container engine writes with each network and port. A
 * rule that occurs twice is two things.
 *
 * Knowingly missing: tables that only `nft` shows.
 */
import { readFileSync } from 'node:fs'
import { markIn } from './mark.ts'
import { linesOf, output } from './program-output.ts'
import type { Thing } from './thing.ts'

const families = [
  { name: 'ip', save: 'iptables', legacyTables: '/proc/net/ip_tables_names' },
  { name: 'ip6', save: 'ip6tables', legacyTables: '/proc/net/ip6_tables_names' },
] as const

export async function packetRules(): Promise<readonly Thing[]> {
  const dumps = families.flatMap(({ name, save, legacyTables }) => [
    output(`${save}-save`, []).then((dump) => rulesIn(dump, name)),
    // Tables of the older kind, beside those that the tools of the newer kind show. Asking loads them, so look first.
    ...(isUsed(legacyTables)
      ? [output(`${save}-legacy-save`, []).then((dump) => rulesIn(dump, `${name} legacy`))]
      : []),
  ])
  return numbered((await Promise.all(dumps)).flat())
}

/** "ip filter -A OUTPUT -p tcp -j DROP"; exported for its test. */
export function rulesIn(dump: string, family: string): string[] {
  let table = ''
  return linesOf(dump).flatMap((line) => {
    if (line.startsWith('*')) table = line.slice(1)
    return line.startsWith('-A ') && !isEngines(line) ? [`${family} ${table} ${line}`] : []
  })
}

/** What dockerd writes names one of its chains or bridges; with our mark or a queue in it, somebody else wrote it. */
function isEngines(rule: string): boolean {
  return (
    /\bDOCKER|\bdocker0\b|\bbr-[0-9a-f]{12}\b|-s [\d./]+ .*-j MASQUERADE$/.test(rule) &&
    !/NFQUEUE|squall-/.test(rule)
  )
}

function numbered(rules: readonly string[]): Thing[] {
  return [...Map.groupBy(rules, (rule) => rule)].flatMap(([rule, same]) =>
    same.map((name, index) => ({ area: 'rule', id: `${rule} ${index}`, name, ...markIn(name) })),
  )
}

function isUsed(legacyTables: string): boolean {
  try {
    return readFileSync(legacyTables, 'utf8').trim() !== ''
  } catch {
    return false
  }
}
