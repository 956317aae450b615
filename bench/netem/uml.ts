/**
 * The kernel rung on machines whose kernel has no netem: User Mode Linux from the distribution's package, a kernel
 * that is a program. Its root is this machine's root, so the same code runs in it, with a container engine where that
 * is asked for. It has one slow processor; what it is good for is the kernel's own netem.
 */
import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = path.join(root, '.cache/uml')

/** Boot, measure, halt. */
const bootMsMax = 15 * 60_000

/** Images and containers of the engine in the guest: a disk in a file, sparse, made anew each time. */
const diskBytes = '4G'

export type GuestWork = {
  /** A program of the repository, and its arguments. */
  readonly program: string
  readonly args: readonly string[]
  /** With a container engine, under the usual name of its socket. */
  readonly withEngine?: boolean
}

/**
 * Runs it under User Mode Linux and gives what it printed. Debian on x86-64, as root.
 * @throws Error with what it complained about
 */
export async function runInUml(work: GuestWork): Promise<string> {
  await mkdir(folder, { recursive: true })
  const kernel = await findKernel()
  const [modules = ''] = globSync(path.join(folder, 'package/usr/lib/uml/modules/*'))
  const [init, output, complaints, disk] = ['init.sh', 'output', 'output.errors', 'engine.img'].map((name) =>
    path.join(folder, name),
  ) as [string, string, string, string]
  await Promise.all([output, complaints, disk].map((file) => rm(file, { force: true })))
  await writeFile(init, initScript(work, { modules, output, complaints }))
  await chmod(init, 0o755)
  if (work.withEngine) await run('mke2fs', ['-q', '-t', 'ext4', '-F', disk, diskBytes])
  const guest = ['mem=2048M', 'rootfstype=hostfs', 'rootflags=/', 'rw', `init=${init}`, 'con=null', 'quiet']
  try {
    await run(kernel, [...guest, ...(work.withEngine ? [`ubd0=${disk}`] : [])], {
      // The guest's memory is a file that is executed from, which /tmp may not allow.
      env: { ...process.env, TMPDIR: '/dev/shm' },
      timeout: bootMsMax,
    })
  } catch (error) {
    // How it halts is no news; what it printed before is.
    if (!existsSync(output)) throw error
  } finally {
    await rm(disk, { force: true })
  }
  const printed = await readFile(output, 'utf8')
  if (printed.trim() !== '') return printed
  const said = await readFile(complaints, 'utf8').catch(() => '')
  throw new Error(`Cannot measure under User Mode Linux: ${said.trim().slice(-2000) || 'it printed nothing'}`)
}

/** Fetched once: 41 MB, unpacked and not installed. */
async function findKernel(): Promise<string> {
  const kernel = path.join(folder, 'package/usr/bin/linux.uml')
  if (globSync(kernel).length > 0) return kernel
  await run('apt-get', ['download', 'user-mode-linux'], { cwd: folder })
  const [file = ''] = globSync('user-mode-linux_*.deb', { cwd: folder })
  await run('dpkg-deb', ['-x', file, 'package'], { cwd: folder })
  return kernel
}

type GuestFiles = { readonly modules: string; readonly output: string; readonly complaints: string }

/** The guest's first process. It ends by halting the guest, whatever happened before. */
function initScript(work: GuestWork, { modules, output, complaints }: GuestFiles): string {
  const node = process.execPath
  const { program, args, withEngine = false } = work
  return `#!/bin/bash
exec 2> ${complaints}
export PATH=/run/programs:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
mount -t devtmpfs dev /dev 2> /dev/null
mkdir -p /dev/shm /dev/pts && mount -t tmpfs shm /dev/shm && mount -t devpts pts /dev/pts
ip link set lo up
cd ${root}
${node} bench/netem/uml-guest.ts ${modules} ${withEngine ? 'engine' : ''}
${withEngine ? startEngine : ''}
${node} ${program} ${args.join(' ')} > ${output}
sync
poweroff -f
`
}

/** The guest's kernel has the rules of old iptables only, and control groups of version 2. */
const startEngine = `mkdir -p /run/programs /run/data
for name in iptables ip6tables; do ln -s "$(command -v $name-legacy)" /run/programs/$name; done
mount -t cgroup2 none /sys/fs/cgroup && echo '+cpu +memory +pids +io' > /sys/fs/cgroup/cgroup.subtree_control
mount /dev/ubda /run/data
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
export DOCKER_HOST=unix:///run/docker.sock
dockerd --data-root /run/data/docker --exec-root /run/docker --pidfile /run/docker.pid -H $DOCKER_HOST \\
  --storage-driver overlay2 > ${path.join(folder, 'dockerd.log')} 2>&1 &
for look in $(seq 300); do docker version > /dev/null 2>&1 && break; sleep 0.2; done`
