/**
 * The three programs of one direction. Register 1 holds the packet (struct __sk_buff) at the start.
 *
 *   device --main--> TAP --> this process --> TAP --back--> device --main--> on its way
 *                     |
 *                   guard: what the kernel itself sends there (router solicitations) is dropped
 *
 * A packet is known by its mark, so that what comes back is not taken a second time. Marks that the packet had before
 * are lost on this way.
 */
import { bpfAssembler } from './bpf-assembler.ts'
import type { Heartbeat } from './heartbeat.ts'
import { bpf } from './linux.ts'

const { call, copy, exit, loadWord, set, skipUnlessEqual, storeWord } = bpfAssembler

/** Arbitrary; nobody else is likely to use it. */
const comesBack = 0x5e_70_00_01
const goesToTap = 0x5e_70_00_02

/**
 * On the device: lets go on what comes back from the TAP, and takes every other packet away to there, as long as
 * there are beats.
 */
export function mainProgram(tapIndex: number, heartbeat: Heartbeat): Buffer[] {
  return [
    copy(6, 1),
    loadWord(2, 6, bpf.markAt),
    skipUnlessEqual(2, comesBack, 4),
    set(2, 0),
    storeWord(6, 2, bpf.markAt),
    set(0, bpf.next),
    exit(),
    ...heartbeat.orElse(bpf.next),
    set(2, goesToTap),
    storeWord(6, 2, bpf.markAt),
    set(1, tapIndex),
    set(2, 0),
    call(bpf.redirect),
    exit(),
  ]
}

/** In front of a qdisc: without beats, packets go to the class that the filter names; else the other filters decide. */
export function slipProgram(heartbeat: Heartbeat): Buffer[] {
  return [...heartbeat.orElse(bpf.theClassOfTheFilter), set(0, bpf.noMatch), exit()]
}

/** On the way into the TAP: nothing but what `main` sent there. */
export function guardProgram(): Buffer[] {
  return [
    loadWord(2, 1, bpf.markAt),
    set(0, bpf.drop),
    skipUnlessEqual(2, goesToTap, 1),
    set(0, bpf.next),
    exit(),
  ]
}

/** On the way out of the TAP: back to the device, as received (`toIngress`) or to be sent. */
export function backProgram(deviceIndex: number, toIngress: boolean): Buffer[] {
  return [
    set(2, comesBack),
    storeWord(1, 2, bpf.markAt),
    set(1, deviceIndex),
    set(2, toIngress ? bpf.toIngress : 0),
    call(bpf.redirect),
    exit(),
  ]
}
