/**
 * A network for tests: a namespace of its own, joined to this one by a veth pair. Far is in the namespace and gets
 * shaped; near is here, so that a test measures from outside. Addresses are from the ranges for benchmarks and for
 * unique local use (RFC 2544, RFC 4193), which nobody routes.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type TestNetwork = AsyncDisposable & {
  readonly namespace: string
  /** Device of the far side, as the shaper there is to find it. */
  readonly device: string
  readonly near: Addresses
  readonly far: Addresses
  /** A program in the namespace; ended with the network. */
  start(command: string, args: readonly string[]): ChildProcess
}

/** Without it the network is IPv4 only. */
const hasIpv6 = existsSync('/proc/net/if_inet6')

type Addresses = { readonly ipv4: string; readonly ipv6: string }

/** Networks of four addresses in 198.18.0.0/15; on most machines no process has a higher number. */
const networkCount = 2 ** 15

/** One at a time in a process: its number tells the networks apart, also those of another run beside this one. */
export async function makeNetwork(): Promise<TestNetwork> {
  const id = process.pid % networkCount
  const namespace = `squall-test-${process.pid}`
  const [nearDevice, device] = [`sqn${process.pid}`, 'far0']
  const [second, third, fourth] = [18 + (id >> 14), (id >> 6) & 0xff, (id & 0x3f) << 2]
  const near = { ipv4: `198.${second}.${third}.${fourth + 1}`, ipv6: `fd53:${id.toString(16)}::1` }
  const far = { ipv4: `198.${second}.${third}.${fourth + 2}`, ipv6: `fd53:${id.toString(16)}::2` }
  const ip = (...args: string[]) => run('ip', args)
  const inside = (...args: string[]) => ip('-n', namespace, ...args)
  const started: ChildProcess[] = []
  const dispose = async () => {
    await Promise.all(started.map(endProcess))
    // The veth pair goes with the namespace, but only when the kernel gets to it.
    await ip('link', 'delete', nearDevice).catch(() => undefined)
    await ip('netns', 'delete', namespace).catch(() => undefined)
  }
  try {
    await ip('netns', 'add', namespace)
    await ip('link', 'add', nearDevice, 'type', 'veth', 'peer', 'name', device, 'netns', namespace)
    await ip('address', 'add', `${near.ipv4}/30`, 'dev', nearDevice)
    if (hasIpv6) await ip('address', 'add', `${near.ipv6}/64`, 'dev', nearDevice, 'nodad')
    await ip('link', 'set', nearDevice, 'up')
    await inside('address', 'add', `${far.ipv4}/30`, 'dev', device)
    if (hasIpv6) await inside('address', 'add', `${far.ipv6}/64`, 'dev', device, 'nodad')
    await inside('link', 'set', device, 'up')
    await inside('link', 'set', 'lo', 'up')
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    namespace,
    device,
    near,
    far,
    start: (command, args) => {
      const child = spawn('ip', ['netns', 'exec', namespace, command, ...args], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      started.push(child)
      return child
    },
    [Symbol.asyncDispose]: dispose,
  }
}

/** `ip netns exec` becomes the program, so the child is the program itself. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
