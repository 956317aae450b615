/**
 * The kernel rung on machines whose kernel has no netem: User Mode Linux from the distribution's package, a kernel
 * that is a program. Its root is this machine's root, so the same code runs in it, with a container engine where that
 * is asked for. It has one slow processor; what it is good for is the kernel's own netem.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { initScript } from './uml-init.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = path.join(root, '.cache/uml')

/** Images and containers of the engine in the guest: a disk in a file, sparse, made anew each time. */
const diskBytes = '8G'

/** What the guest's kernel says of itself whenever it boots. */
const chatter =
  /^(SELinux: |mmapper_init|mount: \/dev: |\s+dmesg\(1\) may have more|Failed to initialize ubd)/

export type GuestWork = {
  /** A program of the repository, and its arguments. */
  readonly program: string
  readonly args: readonly string[]
  /** With a container engine, under the usual name of its socket. */
  readonly withEngine?: boolean
  readonly environment?: Readonly<Record<string, string>>
  /** The guest is halted then, whatever it does. */
  readonly msMax: number
  /** What the guest and the program complain or tell on their way. */
  readonly onLine: (line: string) => void
}

export type GuestOutcome = {
  readonly status: number
  /** What the program printed. */
  readonly output: string
  /** The last lines it complained. */
  readonly complaints: string
}

/**
 * Runs it under User Mode Linux. Debian on x86-64, as root.
 * @throws Error when the guest does not get to its end, with the last it said
 */
export async function runInUml(work: GuestWork): Promise<GuestOutcome> {
  await mkdir(folder, { recursive: true })
  const kernel = await findKernel()
  const [modules = ''] = globSync(path.join(folder, 'package/usr/lib/uml/modules/*'))
  const own = await mkdtemp(path.join(folder, 'run-'))
  try {
    const files = { root, modules, output: path.join(own, 'output'), status: path.join(own, 'status') }
    const [init, disk] = [path.join(own, 'init.sh'), path.join(own, 'engine.img')]
    await writeFile(init, initScript(work, files), { mode: 0o755 })
    if (work.withEngine) await run('mke2fs', ['-q', '-t', 'ext4', '-F', disk, diskBytes])
    const beganMs = performance.now()
    const said = await boot(kernel, [`init=${init}`, ...(work.withEngine ? [`ubd0=${disk}`] : [])], work)
    const complaints = said.join(' | ')
    if (!existsSync(files.status)) {
      const why = complaints === '' ? 'it said nothing' : complaints
      const seconds = Math.round((performance.now() - beganMs) / 1000)
      throw new Error(
        `Cannot run ${work.program} under User Mode Linux: the guest ended early, after ${seconds} s: ${why}`,
      )
    }
    const [status, output] = await Promise.all(
      [files.status, files.output].map((file) => readFile(file, 'utf8')),
    )
    return { status: Number(status), output: output ?? '', complaints }
  } finally {
    await rm(own, { recursive: true, force: true })
  }
}

/** How it halts is no news. Gives the last lines it said. */
async function boot(kernel: string, parameters: readonly string[], work: GuestWork): Promise<string[]> {
  const common = [
    'mem=3072M',
    'rootfstype=hostfs',
    'rootflags=/',
    'rw',
    'con=null',
    'con0=null,fd:1',
    'quiet',
  ]
  // It halts on SIGTERM; killed otherwise, it would leave processes behind.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', kernel, ...common, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // The guest's memory is a file that is executed from, which /tmp may not allow.
    env: { ...process.env, TMPDIR: '/dev/shm' },
    timeout: work.msMax,
  })
  const last: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.trim() === '' || chatter.test(line)) return
    work.onLine(line.trimEnd())
    last.push(line.trim())
    if (last.length > 10) last.shift()
  })
  await once(child, 'close')
  return last
}

/** Fetched once: 41 MB, unpacked and not installed. */
async function findKernel(): Promise<string> {
  const kernel = path.join(folder, 'package/usr/bin/linux.uml')
  if (existsSync(kernel)) return kernel
  await run('apt-get', ['download', 'user-mode-linux'], { cwd: folder })
  const [file = ''] = globSync('user-mode-linux_*.deb', { cwd: folder })
  await run('dpkg-deb', ['-x', file, 'package'], { cwd: folder })
  return kernel
}
