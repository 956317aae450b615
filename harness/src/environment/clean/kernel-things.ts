/**
 * What impairment could leave in the kernel, in the network namespace of the harness: interfaces (TAPs and ifbs among
 * them), queueing disciplines, also on the engine's ends of the cables to containers, packet filter rules, BPF links
 * and programs, named namespaces. A thing tells whose it is by the run's mark, or by the process that holds it; the
 * rest is nobody's. Namespaces of containers end with them and need no look.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../../support/errors.ts'
import { heldBpf, pinnedBpf } from './bpf-things.ts'
import { markIn } from './mark.ts'
import { packetRules } from './packet-rules.ts'
import { linesOf, output } from './program-output.ts'
import type { Look } from './thing.ts'

const devices = '/sys/class/net'
const namespaces = '/run/netns'

export const kernelLooks: Readonly<Record<string, Look>> = {
  // The two ends of a container's cable come and go with it; they are the engine's.
  interfaces: () =>
    readdirSync(devices)
      .filter((name) => !isCable(name))
      .map((name) => ({ area: 'interface', id: name, name, ...markIn(aliasOf(name)) })),
  qdiscs: async () =>
    linesOf(await output('tc', ['qdisc', 'show'])).flatMap((line) => {
      const device = / dev (\S+)/.exec(line)?.[1] ?? ''
      // What a cable has from the kernel comes and goes with it; what somebody put there does not.
      if (isCable(device) && line.startsWith('qdisc noqueue ')) return []
      const name = line.replace(/ refcnt \d+/, '')
      return [{ area: 'qdisc', id: name, name, ...markIn(aliasOf(device)) }]
    }),
  rules: packetRules,
  'pinned bpf': pinnedBpf,
  'held bpf': heldBpf,
  namespaces: () =>
    entriesOf(namespaces).map((name) => ({ area: 'namespace', id: name, name, ...markIn(name) })),
}

function isCable(device: string): boolean {
  return device.startsWith('veth') || device.startsWith('br-')
}

function aliasOf(device: string): string {
  try {
    return readFileSync(join(devices, device, 'ifalias'), 'utf8')
  } catch {
    return ''
  }
}

/** The folder is made with the first named namespace. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}
