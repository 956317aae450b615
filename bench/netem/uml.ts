/**
 * The kernel rung on machines whose kernel has no netem: User Mode Linux from the distribution's package, a kernel
 * that is a program. Its root is this machine's root, so the same code runs in it. It has one slow processor and no
 * IPv6; what it is good for is the kernel's own netem.
 */
import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = path.join(root, '.cache/uml')

/** Boot, measure, halt. */
const bootMsMax = 15 * 60_000

/** Runs a program of the repository under User Mode Linux and gives what it printed. Debian on x86-64, as root. */
export async function runInUml(program: string, args: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true })
  const kernel = await findKernel()
  const [modules = ''] = globSync(path.join(folder, 'package/usr/lib/uml/modules/*'))
  const [init, output] = ['init.sh', 'output'].map((name) => path.join(folder, name))
  await writeFile(init ?? '', initScript(program, args, modules, output ?? ''))
  await chmod(init ?? '', 0o755)
  await rm(output ?? '', { force: true })
  // The guest's memory is a file that is executed from, which /tmp may not allow.
  await run(
    kernel,
    ['mem=1024M', 'rootfstype=hostfs', 'rootflags=/', 'rw', `init=${init}`, 'con=null', 'quiet'],
    {
      env: { ...process.env, TMPDIR: '/dev/shm' },
      timeout: bootMsMax,
    },
  )
  return await readFile(output ?? '', 'utf8')
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

/** The guest's first process. It ends by halting the guest, whatever happened before. */
function initScript(program: string, args: readonly string[], modules: string, output: string): string {
  const node = process.execPath
  return `#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
mount -t devtmpfs dev /dev
mkdir -p /dev/shm && mount -t tmpfs shm /dev/shm
ip link set lo up
cd ${root}
{ ${node} bench/netem/uml-guest.ts ${modules} && ${node} ${program} ${args.join(' ')}; } > ${output} 2> ${output}.errors
poweroff -f
`
}
