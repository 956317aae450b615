/**
 * Files of Debian packages without installing them: `apt-get` resolves and downloads (signatures checked as ever)
 * into folders of our own, and the packages' archives are merged into one. Neither root nor any change to this
 * machine is needed; its sources, keys and proxy settings apply. Works on Debian and Ubuntu, whatever the release.
 */
import { execFile, spawn } from 'node:child_process'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { extract, type Header, type Pack, pack } from 'tar-stream'
import { codeOf } from '../../support/errors.ts'
import { ImageError } from './image.ts'

const run = promisify(execFile)

/** Where the top-level folders really are, on every Debian since "merged /usr". */
const merged = ['bin', 'sbin', 'lib', 'lib64'] as const
const noise = /^usr\/share\/(doc|man|locale|info|lintian|doc-base|bug)\//

/**
 * Downloads the packages and all they depend on.
 * @returns paths of `.deb` files, sorted.
 * @throws ImageError with what apt printed.
 */
export async function downloadPackages(
  names: readonly string[],
  folder: string,
  advice: string,
): Promise<string[]> {
  const archives = join(folder, 'archives')
  await rm(archives, { recursive: true, force: true })
  for (const path of [join(archives, 'partial'), join(folder, 'lists', 'partial')])
    await mkdir(path, { recursive: true })
  // Nothing counts as installed, or the dependencies this machine has already would be left out.
  await writeFile(join(folder, 'status'), '')
  const places = {
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': folder,
    'Dir::Cache::archives': archives,
  }
  const settings = Object.entries(places).flatMap(([key, value]) => ['-o', `${key}=${value}`])
  // One broken source of many must not stop us: whether the lists suffice shows in the next step.
  const updated = await apt([...settings, 'update'])
  const install = ['install', '--yes', '--download-only', '--no-install-recommends']
  const fetched = await apt([...settings, '-o', 'Debug::NoLocking=1', ...install, ...names])
  if (!fetched.ok) {
    throw new ImageError(`Cannot download Debian packages (${names.join(', ')}): apt-get failed; ${advice}`, {
      log: `${updated.log}\n${fetched.log}`,
    })
  }
  const files = await readdir(archives)
  return files
    .filter((name) => name.endsWith('.deb'))
    .sort()
    .map((name) => join(archives, name))
}

async function apt(args: readonly string[]): Promise<{ readonly ok: boolean; readonly log: string }> {
  try {
    const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' }
    const { stdout, stderr } = await run('apt-get', ['--quiet=2', ...args], { env, maxBuffer: 1 << 26 })
    return { ok: true, log: stdout + stderr }
  } catch (error) {
    if (codeOf(error) === 'ENOENT')
      return { ok: false, log: 'apt-get: no such program (this is not Debian or Ubuntu)' }
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    return { ok: false, log: stdout + stderr }
  }
}

/**
 * One archive with the files of all packages, owned as in the packages, without documentation.
 * @param extra Further files, added last: path → content.
 */
export function packagesTar(debs: readonly string[], extra: Readonly<Record<string, string>>): Readable {
  const archive = pack()
  void fill(archive, debs, extra).catch((error: unknown) => archive.destroy(error as Error))
  return Readable.from(archive)
}

async function fill(
  archive: Pack,
  debs: readonly string[],
  extra: Readonly<Record<string, string>>,
): Promise<void> {
  const seen = new Set<string>()
  for (const name of merged) {
    archive.entry({ name: `usr/${name}/`, type: 'directory', mode: 0o755 })
    archive.entry({ name, type: 'symlink', linkname: `usr/${name}` })
    seen.add(`usr/${name}`)
  }
  for (const name of ['tmp', 'var/tmp']) archive.entry({ name: `${name}/`, type: 'directory', mode: 0o1777 })
  for (const deb of debs) await appendPackage(archive, deb, seen)
  if (!seen.has('usr/bin/sh')) archive.entry({ name: 'usr/bin/sh', type: 'symlink', linkname: 'busybox' })
  for (const [name, content] of Object.entries(extra)) archive.entry({ name, mode: 0o644 }, content)
  archive.finalize()
}

async function appendPackage(archive: Pack, deb: string, seen: Set<string>): Promise<void> {
  const child = spawn('dpkg-deb', ['--fsys-tarfile', deb], { stdio: ['ignore', 'pipe', 'inherit'] })
  const entries = extract()
  const reading = pipeline(child.stdout, entries)
  for await (const entry of entries) {
    const header = relocated(entry.header)
    const wanted = header.name !== '' && !noise.test(header.name) && !seen.has(header.name)
    seen.add(header.name)
    if (!wanted) entry.resume()
    else if (header.type === 'file') await pipeline(entry, archive.entry(header))
    else {
      archive.entry(header)
      entry.resume()
    }
  }
  await reading
}

/** `./lib/x` → `usr/lib/x`, so that no package replaces the links of merged /usr by folders. */
function relocated(header: Header): Header {
  const { linkname } = header
  return {
    ...header,
    name: inUsr(header.name),
    ...(header.type === 'link' && linkname ? { linkname: inUsr(linkname) } : {}),
  }
}

function inUsr(path: string): string {
  const plain = path.replace(/^\.?\//, '').replace(/\/$/, '')
  return plain.replace(/^(bin|sbin|lib|lib64)(?=\/|$)/, 'usr/$1')
}
