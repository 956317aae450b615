/**
 * `npm run bundle -- <twin>`: one plain JavaScript file for each twin, `mocks/<twin>/dist/twin-<twin>.mjs`, with all it
 * needs inside. Runs before a twin is packed (`prepack`): Node strips no types from packages in node_modules, and a
 * bundle needs neither workspace nor registry where it is installed.
 */
import { existsSync, readdirSync } from 'node:fs'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { licencesOf } from './bundle/licences.ts'
import { dieWithParent } from './die-with-parent.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

async function bundle(name: string): Promise<string> {
  await using build = await rolldown({ input: mainOf(name), platform: 'node', logLevel: 'silent' })
  const { output } = await build.generate({ format: 'esm', codeSplitting: false, comments: false })
  const [chunk, ...others] = output
  if (others.length > 0)
    throw new RangeError(`it makes more than one file: ${others.map((one) => one.fileName).join(', ')}`)
  const folder = path.join(root, 'mocks', name, 'dist')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const file = path.join(folder, `twin-${name}.mjs`)
  await writeFile(file, chunk.code)
  await chmod(file, 0o755)
  await writeFile(path.join(folder, 'LICENSES.txt'), licencesOf(root, chunk.moduleIds))
  return file
}

dieWithParent()
const [name = '', ...rest] = process.argv.slice(2)
const twins = readdirSync(path.join(root, 'mocks')).filter((one) => existsSync(mainOf(one)))
if (!twins.includes(name) || rest.length > 0) {
  process.stderr.write(
    `bundle: Cannot bundle "${[name, ...rest].join(' ')}": give one of ${twins.join(', ')}\n`,
  )
  process.exitCode = 3
} else process.stderr.write(`bundle: ${path.relative(root, await bundle(name))}\n`)

function mainOf(twin: string): string {
  return path.join(root, 'mocks', twin, 'src/main.ts')
}
