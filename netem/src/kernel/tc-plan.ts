/**
 * The commands that put impairments onto a device, and those that take them off. Always `del` and `add`, never
 * `replace`: a changed netem keeps what the new words do not name (measured: a rate outlived `delay 0ms`).
 *
 *   usually, and with filters         device -- prio -- netem, netem, ..., plain (what no filter means)
 *   no eBPF, and one for everything   device -- netem
 *   what comes in                     device -- ingress, redirected to an ifb, where it is what goes out
 */
import type { PacketFilter } from '../spec/impairment.ts'
import { concerns, type SettledImpairment } from '../spec/settled-impairment.ts'
import { netemWords } from './tc-words.ts'

/** A program and its arguments. */
export type Command = readonly [program: 'tc' | 'ip', ...args: string[]]

/** One command, and the one that takes its effect off again where that does not go with something else. */
export type Step = { readonly run: Command; readonly undo?: Command }

export type TcPlan = {
  readonly steps: readonly Step[]
  /** Where the counters of netem are. */
  readonly shaped: readonly string[]
  /** Devices and the class of theirs that is not shaped: where packets go when the agent gives no sign of life. */
  readonly plain: readonly { readonly device: string; readonly classId: number }[]
}

/** Handle of our own root, so that it is known as ours: "sq" is not hexadecimal, 5e70 is as good. */
export const rootHandle = '5e70:'
export const rootNumber = 0x5e_70_00_00

/** What the kernel and the program `tc` can do besides. */
export type TcAbilities = {
  /** `seed`, since Linux 6.7. */
  readonly takesSeed: boolean
  /** A filter that lets packets pass when the agent is gone; it needs a class beside those of netem. */
  readonly failsOpen: boolean
}

/** sch_prio has 16 bands at most, and the last is for what no filter means. */
export const impairmentsMax = 15

/** One per device, within the 15 characters of a name. */
export function ifbName(deviceIndex: number): string {
  return `squall-ifb${deviceIndex}`
}

export function planTc(
  device: string,
  deviceIndex: number,
  impairments: readonly SettledImpairment[],
  can: TcAbilities,
): TcPlan {
  const ifb = ifbName(deviceIndex)
  const [sends, receives] = (['out', 'in'] as const).map((which) =>
    impairments.some((it) => concerns(it, which)),
  )
  const plain = (on: string, direction: 'in' | 'out') => ({
    device: on,
    classId: rootNumber + impairments.filter((it) => concerns(it, direction)).length + 1,
  })
  return {
    steps: [
      ...(receives ? redirectSteps(device, ifb) : []),
      ...(receives ? shapeSteps(ifb, 'in', impairments, can) : []),
      ...(sends ? shapeSteps(device, 'out', impairments, can) : []),
    ],
    shaped: [...(sends ? [device] : []), ...(receives ? [ifb] : [])],
    plain: can.failsOpen
      ? [...(sends ? [plain(device, 'out')] : []), ...(receives ? [plain(ifb, 'in')] : [])]
      : [],
  }
}

/** Everything that comes in leaves through the ifb first. */
function redirectSteps(device: string, ifb: string): Step[] {
  return [
    { run: ['ip', 'link', 'add', ifb, 'type', 'ifb'], undo: ['ip', 'link', 'del', ifb] },
    { run: ['ip', 'link', 'set', ifb, 'up'] },
    { run: tc('qdisc add dev', device, 'ingress'), undo: tc('qdisc del dev', device, 'ingress') },
    {
      run: tc(
        'filter add dev',
        device,
        'parent ffff: protocol all prio 1 matchall action mirred egress redirect dev',
        ifb,
      ),
    },
  ]
}

/** Words that contain no space of their own, given in groups. */
function tc(...words: readonly string[]): Command {
  return ['tc', ...words.flatMap((group) => group.split(' '))]
}

function shapeSteps(
  device: string,
  direction: 'in' | 'out',
  impairments: readonly SettledImpairment[],
  { takesSeed, failsOpen }: TcAbilities,
): Step[] {
  const ours = impairments.flatMap((it, index) =>
    concerns(it, direction)
      ? [{ filter: it.filter, words: netemWords(it, `${index}/${direction}`, takesSeed) }]
      : [],
  )
  const undo = tc('qdisc del dev', device, 'root handle', rootHandle)
  const [first] = ours
  if (first !== undefined && first.filter === undefined && !failsOpen) {
    // The first that matches everything leaves nothing to those after it.
    return [{ run: tc('qdisc add dev', device, 'root handle', rootHandle, 'netem', ...first.words), undo }]
  }
  const plain = Array<string>(16).fill(String(ours.length))
  const bands = ours.flatMap(({ filter, words }, index): Step[] => {
    const band = `${rootHandle}${(index + 1).toString(16)}`
    const filters = filterWords(filter, direction, index + 1)
    return [
      { run: tc('qdisc add dev', device, 'parent', band, 'netem', ...words) },
      ...filters.map((match) => ({
        run: tc('filter add dev', device, 'parent', rootHandle, ...match, 'classid', band),
      })),
    ]
  })
  const prio = tc('qdisc add dev', device, 'root handle', rootHandle, 'prio bands', String(ours.length + 1))
  return [{ run: [...prio, 'priomap', ...plain], undo }, ...bands]
}

/**
 * Words of the filters that together mean what one filter of ours means. A priority is for one family only, so each
 * impairment has two.
 */
function filterWords(
  filter: PacketFilter | undefined,
  direction: 'in' | 'out',
  place: number,
): readonly (readonly string[])[] {
  if (filter === undefined) return [['protocol', 'all', 'prio', String(place * 2), 'matchall']]
  const { peer, port, protocol } = filter
  const families = peer === undefined ? ['ip', 'ipv6'] : [peer.includes(':') ? 'ipv6' : 'ip']
  const anyProtocol = port === undefined ? [undefined] : ['tcp', 'udp']
  const sides = port === undefined ? [undefined] : ['src_port', 'dst_port']
  return families.flatMap((family) =>
    (protocol === undefined ? anyProtocol : [protocol]).flatMap((name) =>
      sides.map((side) => [
        ...['protocol', family, 'prio', String(place * 2 + (family === 'ip' ? 0 : 1)), 'flower'],
        ...(name === undefined ? [] : ['ip_proto', name === 'icmp' && family === 'ipv6' ? 'icmpv6' : name]),
        ...(side === undefined ? [] : [side, String(port)]),
        ...(peer === undefined ? [] : [direction === 'in' ? 'src_ip' : 'dst_ip', peer]),
      ]),
    ),
  )
}
