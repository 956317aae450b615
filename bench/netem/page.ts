/** The tables of a run as text, and as the page in docs/. */
import { tableOf } from './figures.ts'
import type { Measured, Result } from './result.ts'
import { sideBySide } from './side-by-side.ts'

export function textOf({ results, containers, missing }: Measured): string {
  const both = results.length < 2 ? [] : [`## Side by side\n\n${tableOf(sideBySide(results))}\n`]
  const beside =
    containers.length === 0 ? [] : [`## The kernel rung beside a container\n\n${tableOf(containers)}\n`]
  const lacking = missing.map(({ what, why }) => `- ${what}: ${why}`)
  const gaps = lacking.length === 0 ? [] : [`## Not measured\n\n${lacking.join('\n')}\n`]
  return [...gaps, ...both, ...results.map(tablesOf), ...beside].join('\n')
}

export function figuresPage(measured: Measured): string {
  return `# Figures of netem

Written by \`npm run -s bench -- netem --write\` (\`--uml\` for the kernel rung on a machine without it) on
${new Date().toISOString().slice(0, 10)}; do not edit. The error of a delay is the round trip of a UDP packet over a
veth pair minus what was asked; the row "none" is the same without any shaper. Sigma is the standard error of the share
with so many packets. Rates count payload, 95.6 % of a full frame. A bit of the sender's hardware address is checked by
nobody, so 4.88 % of the packets with 5 % corruption are found out. User Mode Linux is one slow processor: its shares
are worth comparing, its times only with each other.

${textOf(measured)}`
}

function tablesOf(result: Result): string {
  const { rung, place, machine, delays, shares, throughput, changes } = result
  const about = Object.entries(machine).map(([key, value]) => `${key} ${value}`)
  const tables = Object.entries({ delays, shares, throughput, changes }).map(
    ([what, rows]) => `### ${what}, ${rung} rung, ${place}\n\n${tableOf(rows)}\n`,
  )
  return [`## The ${rung} rung, ${place}\n\n${about.join(', ')}\n`, ...tables].join('\n')
}
