/**
 * Makes docs/fault-points.md from the catalogs of the twins: `npm run -s fault-points`. A test compares the page
 * with what this would make, so the page cannot fall behind the code.
 */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { comfyuiPoints } from '@squall/twin-comfyui/points'
import { allPoints, type PointCatalog, pointsTable } from '@squall/twin-kit'
import { points as wan2gpPoints } from '@squall/twin-wan2gp/points'

const catalogs: Readonly<Record<string, { readonly title: string; readonly points: PointCatalog }>> = {
  comfyui: { title: 'ComfyUI', points: comfyuiPoints },
  wan2gp: { title: 'Wan2GP', points: wan2gpPoints },
}

const head = `# Fault points

Where each twin can be broken. This page is generated (\`npm run -s fault-points\`); how to use the points is in
[breaking a twin](breaking-a-twin.md). \`npm run -s twin -- <name> --points\` prints the same table.
`

/** The whole page. */
export function faultPointsPage(): string {
  const tables = Object.entries(catalogs).map(
    ([name, { title, points }]) => `## ${title}\n\n${pointsTable(allPoints({ name, points }))}\n`,
  )
  return [head, ...tables].join('\n')
}

if (import.meta.main) {
  writeFileSync(path.join(import.meta.dirname, '..', 'docs', 'fault-points.md'), faultPointsPage())
}
