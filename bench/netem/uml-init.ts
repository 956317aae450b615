/** The guest's first program, a script of the shell. It ends by halting the guest, whatever happened before. */
import type { GuestWork } from './uml.ts'

export type GuestFiles = {
  /** Of the repository. */
  readonly root: string
  /** Folder of the kernel's modules. */
  readonly modules: string
  /** What the program prints, and its exit code. */
  readonly output: string
  readonly status: string
}

export function initScript(work: GuestWork, { root, modules, output, status }: GuestFiles): string {
  const { program, args, withEngine = false, environment = {} } = work
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}`)
  return `#!/bin/bash
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
mount -t devtmpfs dev /dev 2> /dev/null
exec > /dev/console 2>&1
mkdir -p /dev/shm /dev/pts && mount -t tmpfs shm /dev/shm && mount -t devpts pts /dev/pts
export NODE_OPTIONS=--disable-warning=ExperimentalWarning
export HOME=/root TMPDIR=/dev/shm NODE_COMPILE_CACHE=/dev/shm/node-compile
export PATH=/run/programs:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
${exports.join('\n')}
ip link set lo up
# As much as is usual elsewhere: a slow reader has more waiting for it.
for which in rmem_max wmem_max; do echo 4194304 > /proc/sys/net/core/$which; done
cd ${quoted(root)}
node=${quoted(process.execPath)}
$node bench/netem/uml-guest.ts ${quoted(modules)} ${withEngine ? 'engine' : ''}
${withEngine ? startEngine : ''}
$node ${[program, ...args].map(quoted).join(' ')} > ${quoted(output)}
echo $? > ${quoted(status)}
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
  --storage-driver overlay2 > /run/dockerd.log 2>&1 &
for look in $(seq 300); do docker version > /dev/null 2>&1 && break; sleep 0.2; done
docker version > /dev/null || tail -n 20 /run/dockerd.log`

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
