/** Two rungs in one table: the middle of the delays' error, and the shares. */
import type { Row } from './figures.ts'

type Measured = { readonly rung: string; readonly delays: readonly Row[]; readonly shares: readonly Row[] }

export function sideBySide(results: readonly Measured[]): Row[] {
  const columns = results.map(({ rung, delays, shares }) => ({
    rung,
    cells: new Map([
      ...delays.map((row) => [`delay ${row['delay']}, error p50 ms`, row['error p50 ms']] as const),
      ...shares.map((row) => [`${row['impairment']}, measured %`, row['measured %']] as const),
    ]),
  }))
  return [...(columns[0]?.cells.keys() ?? [])].map((what) => ({
    what,
    ...Object.fromEntries(columns.map(({ rung, cells }) => [rung, cells.get(what) ?? ''])),
  }))
}
