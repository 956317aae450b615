/**
 * The detour of one direction: packets of a device go through a TAP of this process and back. Built so that each
 * failure on the way leaves the traffic untouched: the program that takes packets away comes last and goes first.
 */
import type { Way } from '../shaper.ts'
import { attach, type Hook, loadProgram } from './bpf.ts'
import { Heartbeat } from './heartbeat.ts'
import { close, fcntl } from './libc.ts'
import { duplicateFd } from './linux.ts'
import { indexOf, requireEthernet, tapName } from './network-device.ts'
import { backProgram, guardProgram, mainProgram } from './programs.ts'
import { bringTapUp, openTap, type Tap } from './tap.ts'
import { attachByClsact } from './traffic-filter.ts'

export type Detour = {
  readonly way: Way
  readonly tap: Tap
  /** To be kept beating: without, packets pass by. */
  readonly heartbeat: Heartbeat
  /** No more packets are taken away; those that were can still be handed back. */
  unhook(): void
  /** Ends it. What was not handed back is lost. */
  close(): void
}

/**
 * Descriptors of a dying process are released from the highest number down (measured on Linux 6.18), and a TAP takes
 * some 40 ms to be released. The programs that take packets away have to go before every TAP, or what they take away
 * meanwhile would be lost; so they get high numbers. 1024 is the usual limit.
 */
const highFdMin = 900

/** @param wanted the better way when left out. @throws NetemError; nothing is left of it then */
export function openDetour(device: string, direction: 'in' | 'out', wanted?: Way): Detour {
  requireEthernet(device)
  const deviceIndex = indexOf(device)
  const tap = openTap(tapName(deviceIndex, direction), device)
  const undo: (() => void)[] = [() => tap.close()]
  const undoAll = () => {
    for (const step of undo.splice(0).reverse()) step()
  }
  try {
    const heartbeat = new Heartbeat()
    undo.push(() => heartbeat.close())
    undo.push(hookUp(guardProgram(), tap.index, 'egress', wanted).takeOff)
    undo.push(hookUp(backProgram(deviceIndex, direction === 'in'), tap.index, 'ingress', wanted).takeOff)
    bringTapUp(tap)
    heartbeat.beat()
    const hook = direction === 'in' ? 'ingress' : 'egress'
    const { takeOff, way } = hookUp(mainProgram(tap.index, heartbeat), deviceIndex, hook, wanted)
    undo.push(takeOff)
    const unhook = () => {
      if (undo.at(-1) === takeOff) undo.pop()?.()
    }
    return { way, tap, heartbeat, unhook, close: undoAll }
  } catch (error) {
    undoAll()
    throw error
  }
}

type Hooked = { readonly way: Way; readonly takeOff: () => void }

function hookUp(code: readonly Buffer[], onDevice: number, hook: Hook, wanted?: Way): Hooked {
  const program = loadProgram(code, hook)
  try {
    const link = wanted === 'clsact' ? undefined : attach(program, onDevice, hook)
    if (link === undefined) return { way: 'clsact', takeOff: attachByClsact(program, onDevice, hook) }
    const fd = raised(link)
    return { way: 'tcx', takeOff: () => void close(fd) }
  } finally {
    close(program) // the link or the filter holds it
  }
}

/** The same under a high number; under its own where there is none. */
function raised(fd: number): number {
  const high = fcntl(fd, duplicateFd, highFdMin)
  if (high < 0) return fd
  close(fd)
  return high
}
