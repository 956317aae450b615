/**
 * `npm run bundle -- <package>`: plain JavaScript files with all they need inside, in the `dist` of a twin
 * (`twin-<twin>.mjs`) or of netem. Runs before such a package is packed (`prepack`): Node strips no types from packages
 * in node_modules, and a bundle needs neither workspace nor registry where it is installed.
 */
import { existsSync, readdirSync } from 'node:fs'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { licencesOf } from './bundle/licences.ts'
import { dieWithParent } from './die-with-parent.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What is made of a package: file in `dist` → the module it begins with. */
type Recipe = { readonly folder: string; readonly files: Readonly<Record<string, string>> }

const twins = readdirSync(path.join(root, 'mocks')).filter((name) =>
  existsSync(path.join(root, 'mocks', name, 'src/main.ts')),
)
const recipes: ReadonlyMap<string, Recipe> = new Map([
  ...twins.map((name): [string, Recipe] => [
    name,
    { folder: `mocks/${name}`, files: { [`twin-${name}.mjs`]: 'src/main.ts' } },
  ]),
  ['netem', { folder: 'netem', files: { 'netem.mjs': 'src/cli/main.ts', 'agent.mjs': 'src/agent/main.ts' } }],
])

/** What netem depends on as published, native code above all; and the bundler, which it needs in the repository only. */
const external = ['dockerode', 'koffi', 'rolldown', 'tar-stream']

async function bundle({ folder, files }: Recipe): Promise<string> {
  const dist = path.join(root, folder, 'dist')
  await rm(dist, { recursive: true, force: true })
  await mkdir(dist, { recursive: true })
  const modules: string[] = []
  for (const [file, input] of Object.entries(files)) {
    await using build = await rolldown({
      input: path.join(root, folder, input),
      platform: 'node',
      external,
      logLevel: 'silent',
    })
    const { output } = await build.generate({ format: 'esm', codeSplitting: false, comments: false })
    const [chunk, ...others] = output
    if (others.length > 0)
      throw new RangeError(`it makes more than one file: ${others.map((one) => one.fileName).join(', ')}`)
    await writeFile(path.join(dist, file), chunk.code)
    await chmod(path.join(dist, file), 0o755)
    modules.push(...chunk.moduleIds)
  }
  await writeFile(path.join(dist, 'LICENSES.txt'), licencesOf(root, modules))
  return Object.keys(files)
    .map((file) => path.join(folder, 'dist', file))
    .join(', ')
}

dieWithParent()
const [name = '', ...rest] = process.argv.slice(2)
const recipe = rest.length === 0 ? recipes.get(name) : undefined
if (recipe === undefined) {
  process.stderr.write(
    `bundle: Cannot bundle "${[name, ...rest].join(' ')}": give one of ${[...recipes.keys()].join(', ')}\n`,
  )
  process.exitCode = 3
} else process.stderr.write(`bundle: ${await bundle(recipe)}\n`)
