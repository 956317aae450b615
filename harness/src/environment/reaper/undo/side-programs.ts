/**
 * Programs that the harness and its reaper run in containers beside a unit, as source text for `node -e`: both must be
 * able to undo the same thing. System calls go through the library that the agent's image has.
 */

const library = `const koffi = require('/netem/node_modules/koffi'); const c = koffi.load(null)`

/** Of the side container of `docker-open-files.ts`, and of the keeper of a data disk. */
export const openFilesSide = 'files'
export const keeperSide = 'keeper'

/** The unit `<unit>-<side>`: a container beside a unit. */
export function sideName(unit: string, side: string): string {
  return `${unit.slice(0, 33)}-${side}`
}

/** Argument: the highest number of a file that the first process of this namespace may have, plus one. Soft limit only. */
export const setOpenFiles = `
${library}
koffi.struct('rlimit', { cur: 'uint64_t', max: 'uint64_t' })
const prlimit = c.func('int prlimit(int, int, const rlimit *, _Out_ rlimit *)')
const files = 7
const old = {}
if (prlimit(1, files, null, old) !== 0) throw new Error('prlimit: errno ' + koffi.errno())
const wanted = { cur: BigInt(process.argv[1]), max: old.max }
if (prlimit(1, files, wanted, {}) !== 0) throw new Error('prlimit: errno ' + koffi.errno())
`

/** Where the ballast of a full disk lies. */
export const ballastName = '.squall-full'

/** Arguments: a folder, "ro" or "rw". Of the whole file system, so that it holds for everybody who has it mounted. */
export const setWritable = `
${library}
const mount = c.func('int mount(const char *, const char *, const char *, uint64_t, const char *)')
const remount = 32, readOnly = 1
const flags = process.argv[2] === 'ro' ? remount | readOnly : remount
if (mount(null, process.argv[1], null, flags, null) !== 0) {
  const errno = koffi.errno()
  throw new Error(errno === 16 ? 'a file is open for writing' : 'mount: errno ' + errno)
}
`

/** Argument: the folder of a data disk. Makes it writable if it is not, and removes what fills it. */
export const freeDisk = `
const fs = require('node:fs')
const [, folder] = process.argv
const mounted = fs.readFileSync('/proc/mounts', 'utf8').split('\\n').map((line) => line.split(' '))
const isReadOnly = mounted.some(([, where, , options]) => where === folder && options.split(',').includes('ro'))
if (isReadOnly) { process.argv[2] = 'rw'; ${setWritable} }
const ballast = folder + '/${ballastName}'
const wasFull = fs.existsSync(ballast)
fs.rmSync(ballast, { force: true })
process.exitCode = isReadOnly || wasFull ? 0 : 3
`
