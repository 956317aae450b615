/** The figures of `bench twin`: as data, and as tables to read. */
import type { Spread } from '../median.ts'
import type { Delivery } from './followers.ts'

/** A throughput: per second of the server's CPU time, per second of wall clock, and beside the null server. */
export type Row = {
  readonly name: string
  readonly perCore: Spread
  readonly perSecond: Spread
  /** perCore divided by the null server's of the same round; undefined for the null server itself. */
  readonly ratio: Spread | undefined
}

export type Report = {
  readonly bench: 'twin'
  readonly machine: Readonly<Record<string, string | number>>
  /** ms; `docker` is empty where no engine answers. */
  readonly starts: {
    readonly process: Readonly<Record<string, Spread>>
    readonly docker: Readonly<Record<string, Spread>>
  }
  readonly rates: readonly Row[]
  readonly delivery: readonly Row[]
  readonly crowd: Readonly<Record<string, Delivery>>
  readonly memory: { readonly connections: number; readonly bytes: Readonly<Record<string, Spread>> }
}

export function printReport({ machine, starts, rates, delivery, crowd, memory }: Report): void {
  console.log(`\n${JSON.stringify(machine)}`)
  printStarts('start of a process: spawn to first line, ms (bar: 150)', starts.process)
  printStarts('start of a container: start call to first line, ms', starts.docker)
  printRows('requests per second (bar: 9500 per core)', rates)
  printRows('WebSocket events per second, 50 followers', delivery)
  console.log('\na crowd at once, one job each')
  for (const [name, { followers, frames, ms, perCore }] of Object.entries(crowd)) {
    const events = `${frames} events in ${(ms / 1000).toFixed(1)} s`
    console.log(
      `  ${name.padEnd(32)} ${followers} followers, ${events}, ${perCore.toFixed(0)} per core and second`,
    )
  }
  console.log(`\nmemory per connection, kB (${memory.connections} connections)`)
  for (const [name, spread] of Object.entries(memory.bytes)) {
    const kilobytes = [spread.median, spread.min, spread.max].map((bytes) => (bytes / 1000).toFixed(1))
    console.log(`  ${name.padEnd(32)} median ${kilobytes[0]} (${kilobytes[1]} to ${kilobytes[2]})`)
  }
}

function printStarts(title: string, spreads: Readonly<Record<string, Spread>>): void {
  if (Object.keys(spreads).length === 0) return
  console.log(`\n${title}`)
  const base = spreads['null node:http']?.median ?? 0
  for (const [name, { median, min, max, rounds }] of Object.entries(spreads)) {
    const spread = `median ${median.toFixed(0)} (${min.toFixed(0)} to ${max.toFixed(0)}, ${rounds} rounds)`
    const ours = /null|bare/.test(name) ? '' : `, ours ${(median - base).toFixed(0)}`
    console.log(`  ${name.padEnd(32)} ${spread}${ours}`)
  }
}

function printRows(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}`)
  for (const { name, perCore, perSecond, ratio } of rows) {
    const core = `per core ${perCore.median.toFixed(0)} (${perCore.min.toFixed(0)} to ${perCore.max.toFixed(0)})`
    const compared = ratio === undefined ? '' : `, ${ratio.median.toFixed(2)} of null`
    console.log(`  ${name.padEnd(32)} ${core}, per second ${perSecond.median.toFixed(0)}${compared}`)
  }
}
