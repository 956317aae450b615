/**
 * Hanging eBPF programs into traffic control, over netlink: onto devices of kernels without tcx (older than 6.6), by
 * clsact, and onto the kernel rung's own qdisc. Such a filter outlives the process that made it, so its program must
 * look for a heartbeat; whoever comes next takes a left one off.
 */
import { NetemError } from '../errors.ts'
import { attribute } from '../netlink/wire.ts'
import type { Hook } from './bpf.ts'
import { ifNameToIndex } from './libc.ts'
import { netlink, traffic } from './linux.ts'
import { askNetlink, countByNetlink, numberAttribute, textAttribute } from './netlink.ts'
import { tapName } from './network-device.ts'

/** How our filters are known: their name, and a priority that nobody else is likely to use. */
const ourName = 'squall-netem'
const ourPriority = 0x5e70

/** Whether the clsact that a filter hangs in is ours too, or was there: told by its handle, for whoever takes it off. */
const handles = { owner: 1, guest: 2 } as const

/** Takes it off again. */
export type Detach = () => void

/** @throws NetemError `unsupported`, `no-permission` or `system-call` */
export function attachByClsact(program: number, deviceIndex: number, hook: Hook): Detach {
  const both = [traffic.clsactIngress, traffic.clsactEgress]
  const [parent = 0, other = 0] = hook === 'ingress' ? both : both.toReversed()
  const made = askNetlink(traffic.newQdisc, netlink.create | netlink.exclusive, clsact(deviceIndex))
  if (made !== undefined && made !== 'EEXIST') throw failure('give the device a clsact qdisc', made)
  const filterAt = (where: number, handle: number) => filterMessage(deviceIndex, where, ourPriority, handle)
  const remove = (filter: Buffer) => askNetlink(traffic.deleteFilter, 0, filter) === undefined
  // Of a process that died: its TAP is gone, else we would not have come so far.
  const [leftOfOwner] = [handles.owner, handles.guest].map((handle) => remove(filterAt(parent, handle)))
  const isBesideOwner = askNetlink(traffic.getFilter, 0, filterAt(other, handles.owner)) === undefined
  const isOwner = made === undefined || leftOfOwner === true || isBesideOwner
  const ours = filterAt(parent, isOwner ? handles.owner : handles.guest)
  const detach = (): void => {
    remove(ours)
    const rest = both.map((it) => countByNetlink(traffic.getFilter, message(deviceIndex, 0, it, 0)))
    // The other direction may still be in use.
    if (isOwner && rest.every((count) => count === 0)) {
      askNetlink(traffic.deleteQdisc, 0, clsact(deviceIndex))
    }
  }
  const options = [numberAttribute(traffic.bpfFlags, traffic.bpfActs)]
  const refused = addFilter(program, ours, options)
  if (refused === undefined) return detach
  detach()
  throw failure('attach an eBPF program by clsact', refused)
}

/** Filters of processes that died, where no TAP tells of one at work. Says where they were. */
export function removeLeftFilters(deviceIndex: number): readonly Hook[] {
  const parents = [
    ['ingress', traffic.clsactIngress],
    ['egress', traffic.clsactEgress],
  ] as const
  const left = parents.filter(
    ([hook]) => ifNameToIndex(tapName(deviceIndex, hook === 'ingress' ? 'in' : 'out')) === 0,
  )
  const found = left.flatMap(([hook, parent]) =>
    Object.values(handles).flatMap((handle) =>
      askNetlink(traffic.deleteFilter, 0, filterMessage(deviceIndex, parent, ourPriority, handle)) ===
      undefined
        ? [{ hook, handle }]
        : [],
    ),
  )
  const isEmpty = parents.every(
    ([, parent]) => countByNetlink(traffic.getFilter, message(deviceIndex, 0, parent, 0)) === 0,
  )
  if (isEmpty && found.some(({ handle }) => handle === handles.owner)) {
    askNetlink(traffic.deleteQdisc, 0, clsact(deviceIndex))
  }
  return found.map(({ hook }) => hook)
}

/**
 * A program that sends packets of a qdisc to one of its classes by answering -1, before all other filters.
 * @throws NetemError as above
 */
export function attachToQdisc(program: number, deviceIndex: number, qdisc: number, classId: number): void {
  const refused = addFilter(program, filterMessage(deviceIndex, qdisc, 1, handles.owner), [
    numberAttribute(traffic.bpfClass, classId),
  ])
  if (refused !== undefined) throw failure('attach an eBPF program to a qdisc', refused)
}

function addFilter(program: number, head: Buffer, options: readonly Buffer[]): string | undefined {
  const content = Buffer.concat([
    numberAttribute(traffic.bpfProgram, program),
    textAttribute(traffic.bpfName, ourName),
    ...options,
  ])
  const body = Buffer.concat([head, textAttribute(traffic.kind, 'bpf'), attribute(traffic.options, content)])
  return askNetlink(traffic.newFilter, netlink.create | netlink.exclusive, body)
}

function clsact(deviceIndex: number): Buffer {
  const head = message(deviceIndex, traffic.clsactHandle, traffic.clsact, 0)
  return Buffer.concat([head, textAttribute(traffic.kind, 'clsact')])
}

function filterMessage(deviceIndex: number, parent: number, priority: number, tcHandle: number): Buffer {
  return message(deviceIndex, tcHandle, parent, priority * 0x1_00_00 + traffic.everyProtocol)
}

/** struct tcmsg */
function message(deviceIndex: number, handle: number, parent: number, info: number): Buffer {
  const bytes = Buffer.alloc(traffic.messageBytes)
  bytes.writeInt32LE(deviceIndex, 4)
  bytes.writeUInt32LE(handle, 8)
  bytes.writeUInt32LE(parent, 12)
  bytes.writeUInt32LE(info, 16)
  return bytes
}

function failure(doing: string, reason: string): NetemError {
  switch (reason) {
    case 'EPERM':
      return new NetemError(
        'no-permission',
        `Cannot ${doing}: the kernel says EPERM; the process needs CAP_NET_ADMIN (docker: --cap-add NET_ADMIN)`,
      )
    case 'ENOENT':
    case 'EOPNOTSUPP':
      return new NetemError(
        'unsupported',
        `Cannot ${doing}: the kernel says ${reason}; load the modules sch_ingress and cls_bpf`,
      )
    default:
      return new NetemError('system-call', `Cannot ${doing}: the kernel says ${reason}`)
  }
}
