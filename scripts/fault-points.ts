/**
 * Makes docs/fault-points.md, and what the harness checks fault plans against, from the catalogs of the twins:
 * `npm run -s fault-points`. A test compares both with what this would make, so they cannot fall behind the code.
 */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { comfyuiPoints } from '@squall/twin-comfyui/points'
import { actionsAt, allPoints, type PointCatalog, pointsTable } from '@squall/twin-kit'
import { liteLlmPoints } from '@squall/twin-litellm/points'
import { openAiPoints } from '@squall/twin-openai/points'
import { points as wan2gpPoints } from '@squall/twin-wan2gp/points'

const root = path.join(import.meta.dirname, '..')

/** What is made, relative to the root. */
export const page = 'docs/fault-points.md'
export const known = 'harness/src/spec/fault-points.json'

const catalogs: Readonly<Record<string, { readonly title: string; readonly points: PointCatalog }>> = {
  comfyui: { title: 'ComfyUI', points: comfyuiPoints },
  wan2gp: { title: 'Wan2GP', points: wan2gpPoints },
  litellm: { title: 'LiteLLM', points: liteLlmPoints },
  openai: { title: 'Upstream (OpenAI-shaped)', points: openAiPoints },
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

/** The names, actions, facts and failures of all points, for `harness/src/spec/protocol-fault.ts`. */
export function knownPoints(): string {
  const points = Object.entries(catalogs).flatMap(([name, { points: own }]) =>
    Object.entries(allPoints({ name, points: own })),
  )
  const known = points.map(([name, point]) => {
    const fails = point.fails === undefined ? {} : { fails: Object.keys(point.fails) }
    return [name, { actions: actionsAt(point), match: point.match ?? [], ...fails }] as const
  })
  const lines = known.map(([name, point]) => `  ${JSON.stringify(name)}: ${JSON.stringify(point)}`)
  return `{\n${lines.join(',\n')}\n}\n`
}

if (import.meta.main) {
  writeFileSync(path.join(root, page), faultPointsPage())
  writeFileSync(path.join(root, known), knownPoints())
}
