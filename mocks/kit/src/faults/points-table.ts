/** The fault points of a twin as a Markdown table, for `--points` and for the generated page. */
import { actionsAt, type Point, type PointCatalog } from './point.ts'

/** Heads of the columns. */
const heads = ['point', 'what passes', 'actions', 'match'] as const

/** One table with a row per point. */
export function pointsTable(points: PointCatalog): string {
  const rows = Object.entries(points).map(([name, point]) => row(name, point))
  return [cells(heads), cells(heads.map(() => '---')), ...rows].join('\n')
}

function row(name: string, point: Point): string {
  const actions = actionsAt(point).map((kind) => `\`${kind}\``)
  const facts = (point.match ?? []).map((fact) => `\`${fact}\``)
  return cells([`\`${name}\``, `${point.summary}${failures(point)}`, actions.join(' '), facts.join(' ')])
}

/** What `fail` can be, behind the summary. */
function failures({ fails = {} }: Point): string {
  const named = Object.entries(fails).map(([as, effect]) => `\`${as}\` (${effect})`)
  return named.length === 0 ? '' : `. Fails as ${named.join(', ')}`
}

function cells(texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
}
