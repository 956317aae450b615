/** What an agent that was killed left in its network namespace: found by our handle and names, and taken off. */
import { indexOf } from '../userspace/network-device.ts'
import { removeLeftFilters } from '../userspace/traffic-filter.ts'
import { runTc } from './run-tc.ts'
import { type Command, ifbName, rootHandle } from './tc-plan.ts'

/** All of it, of both rungs. Call it under the lock of the device only. Says what was there, as people know it. */
export async function removeLeftovers(device: string): Promise<readonly string[]> {
  const filters = removeLeftFilters(indexOf(device)).map((hook) => `${hook} filter of ${device}`)
  return [...(await removeLeftRules(device)), ...filters]
}

/** Those of the kernel rung only, likewise under the lock. */
export async function removeLeftRules(device: string): Promise<readonly string[]> {
  const deviceIndex = indexOf(device)
  const ifb = ifbName(deviceIndex)
  const qdiscs = await outputOf(['tc', 'qdisc', 'show', 'dev', device])
  const incoming = await outputOf(['tc', 'filter', 'show', 'dev', device, 'parent', 'ffff:'])
  const links = await outputOf(['ip', '-o', 'link', 'show', 'dev', ifb])
  const found: readonly (readonly [what: string, isThere: boolean, remove: Command])[] = [
    [
      `qdisc ${rootHandle} of ${device}`,
      qdiscs.includes(` ${rootHandle} `),
      ['tc', 'qdisc', 'del', 'dev', device, 'root', 'handle', rootHandle],
    ],
    [
      `ingress of ${device}`,
      incoming.includes(`to device ${ifb})`),
      ['tc', 'qdisc', 'del', 'dev', device, 'ingress'],
    ],
    [`device ${ifb}`, links !== '', ['ip', 'link', 'del', ifb]],
  ]
  const removed: string[] = []
  for (const [what, isThere, remove] of found) {
    if (!isThere) continue
    await runTc(remove)
    removed.push(what)
  }
  return removed
}

/** Nothing when the program is missing or there is no such thing. */
async function outputOf(command: Command): Promise<string> {
  return await runTc(command).catch(() => '')
}
