/** Whether this machine can run the tests of a rung, and if not, why: it goes into the name of the test. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** The userspace rung. Undefined when it can. */
export function whyNotShape(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux'
  if (process.getuid?.() !== 0) return 'not root'
  if (!existsSync('/dev/net/tun')) return 'no /dev/net/tun'
  const [major = 0, minor = 0] = kernelVersion()
  if (major < 5 || (major === 5 && minor < 2)) return `the eBPF of Linux ${major}.${minor} is too old`
  try {
    execFileSync('ip', ['-Version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'no ip program'
  }
}

/** Attaching programs as links, which go with their process. Undefined when it can. */
export function whyNotTcx(): string | undefined {
  const why = whyNotShape()
  if (why !== undefined) return why
  const [major = 0, minor = 0] = kernelVersion()
  return major < 6 || (major === 6 && minor < 6) ? `Linux ${major}.${minor} has no tcx` : undefined
}

/** The kernel rung. Undefined when it can. */
export function whyNotKernelNetem(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux'
  if (process.getuid?.() !== 0) return 'not root'
  try {
    execFileSync('unshare', ['-n', 'tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms'], {
      stdio: 'pipe',
    })
    return undefined
  } catch {
    return 'no netem in this kernel, or no tc'
  }
}

/** Partitions. Undefined when it can. */
export function whyNotPartition(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux'
  if (process.getuid?.() !== 0) return 'not root'
  const [major = 0, minor = 0] = kernelVersion()
  if (major < 5 || (major === 5 && minor < 12))
    return `Linux ${major}.${minor} is older than tables with owners`
  return undefined
}

/**
 * The userspace rung by NFQUEUE. Undefined when it can. Not asked by our own code, so that a fault in it fails tests
 * instead of skipping them.
 */
export function whyNotQueue(): string | undefined {
  const why = whyNotPartition()
  if (why !== undefined) return why
  return existsSync('/proc/net/netfilter/nfnetlink_queue')
    ? undefined
    : 'no nfnetlink_queue in this kernel, or its module is not loaded'
}

function kernelVersion(): number[] {
  return readFileSync('/proc/sys/kernel/osrelease', 'utf8').split('.').map(Number)
}
