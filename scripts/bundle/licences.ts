/** The licences of what went into a bundle: whoever passes the bundle on must pass them on too. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** One text: ours, then one part for each package. @throws RangeError for a package without a licence file. */
export function licencesOf(root: string, modules: readonly string[]): string {
  const packages = new Map(
    modules.flatMap((file) => packageFolder(file) ?? []).map((folder) => [folder, nameOf(folder)]),
  )
  const ours = part('Squall', path.join(root, 'LICENSE'))
  const theirs = [...packages].toSorted(([, one], [, other]) => (one < other ? -1 : 1))
  return [ours, ...theirs.map(([folder, name]) => part(name, licenceFile(folder, name)))].join('\n')
}

/** The package's folder: the deepest `node_modules/<name>` or `node_modules/@<scope>/<name>`. */
function packageFolder(file: string): string | undefined {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]
}

function nameOf(folder: string): string {
  const manifest = path.join(folder, 'package.json')
  if (!existsSync(manifest)) return path.basename(folder)
  const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as { name: string; version: string }
  return `${name} ${version}`
}

function licenceFile(folder: string, name: string): string {
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new RangeError(`Cannot bundle ${name}: it has no licence file; leave it out`)
  return path.join(folder, file)
}

function part(title: string, file: string): string {
  return `${title}\n${'-'.repeat(title.length)}\n\n${readFileSync(file, 'utf8').trim()}\n`
}
