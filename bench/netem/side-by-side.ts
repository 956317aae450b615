/** All that was measured in one table: a row per thing, a column per rung and machine. */
import type { Row } from './figures.ts'
import type { Result } from './result.ts'

export function sideBySide(results: readonly Result[]): Row[] {
  const columns = results.map((result) => ({
    name: `${result.rung}, ${result.place}`,
    cells: new Map(cellsOf(result)),
  }))
  const rows = new Set(columns.flatMap(({ cells }) => [...cells.keys()]))
  return [...rows].map((what) => ({
    what,
    ...Object.fromEntries(columns.map(({ name, cells }) => [name, cells.get(what) ?? ''])),
  }))
}

type Cell = readonly [what: string, value: string | number]

/** A share with how many standard errors it is off. */
function cellsOf({ delays, shares, throughput, changes }: Result): Cell[] {
  return [
    ['packets per row', delays[0]?.['packets'] ?? ''],
    ...delays.map((row): Cell => [`delay ${row['delay']}: error p50 ms`, row['error p50 ms'] ?? '']),
    ...shares.flatMap((row): Cell[] => {
      const what = `${row['impairment']}: ${row['what']} %, asked ${row['asked %']}`
      const share: Cell = [what, `${row['measured %']} (${row['sigmas off']} sigma)`]
      if (!String(row['impairment']).includes('gemodel')) return [share]
      return [
        share,
        [`${row['impairment']}: mean burst, asked ${row['burst asked']}`, row['mean burst'] ?? ''],
      ]
    }),
    ...throughput.map((row): Cell => [`${row['impairment']}: Mbit/s`, row['Mbit/s'] ?? '']),
    ...changes.map((row): Cell => [`${row['what']}: median ms`, row['median ms'] ?? '']),
  ]
}
