/**
 * What impairment could leave in the kernel, in the network namespace of the harness: interfaces, queueing
 * disciplines, packet filter rules that queue packets or carry our name, pinned BPF objects. A thing tells whose it is
 * by the run's mark `squall-<run>` in its alias, comment or name; the rest is nobody's.
 *
 * Namespaces of containers end with them and need no look. BPF links that are not pinned are file descriptors of a
 * process and end with it.
 */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { codeOf } from '../../support/errors.ts'
import type { Look, Thing } from './thing.ts'

const programMsMax = 2000
const devices = '/sys/class/net'
const pinned = '/sys/fs/bpf'

export const kernelLooks: Readonly<Record<string, Look>> = {
  // The two ends of a container's cable come and go with it; they are the engine's.
  interfaces: () =>
    readdirSync(devices)
      .filter((name) => !name.startsWith('veth') && !name.startsWith('br-'))
      .map((name) => ({ area: 'interface', id: name, name, ...markIn(aliasOf(name)) })),
  qdiscs: async () =>
    linesOf(await output('tc', ['qdisc', 'show']))
      .filter((line) => !/ dev (veth|br-)/.test(line))
      .map((line) => {
        const device = / dev (\S+)/.exec(line)?.[1] ?? ''
        const name = line.replace(/ refcnt \d+/, '')
        return { area: 'qdisc', id: name, name, ...markIn(aliasOf(device)) }
      }),
  rules: async () =>
    linesOf(await output('iptables-save', []))
      .filter((line) => /NFQUEUE|squall-/.test(line))
      .map((line) => ({ area: 'rule', id: line, name: line, ...markIn(line) })),
  bpf: () =>
    readdirSync(pinned).map(
      (name): Thing => ({ area: 'bpf', id: name, name: join(pinned, name), ...markIn(name) }),
    ),
}

function markIn(text: string): { readonly run?: string } {
  const run = /squall-([a-z0-9][a-z0-9-]*)/.exec(text)?.[1]
  return run === undefined ? {} : { run }
}

function aliasOf(device: string): string {
  try {
    return readFileSync(join(devices, device, 'ifalias'), 'utf8')
  } catch {
    return ''
  }
}

/** @throws Error that says which program is missing or was not allowed. */
async function output(program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, [...args], { timeout: programMsMax })
    return stdout
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new Error(`${program} is not installed`, { cause: error })
    throw new Error(`${program} was refused or failed`, { cause: error })
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
}
