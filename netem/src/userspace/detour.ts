/**
 * The detour of one direction: packets of a device go through a TAP of this process and back. Built so that each
 * failure on the way leaves the traffic untouched: the program that takes packets away comes last and goes first.
 */
import { attach, type Hook, loadProgram } from './bpf.ts'
import { close, fcntl } from './libc.ts'
import { duplicateFd } from './linux.ts'
import { indexOf, requireEthernet, tapName } from './network-device.ts'
import { backProgram, guardProgram, mainProgram } from './programs.ts'
import { bringTapUp, openTap, type Tap } from './tap.ts'

export type Detour = {
  readonly tap: Tap
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

/** @throws NetemError; nothing is left of it then */
export function openDetour(device: string, direction: 'in' | 'out'): Detour {
  requireEthernet(device)
  const deviceIndex = indexOf(device)
  const tap = openTap(tapName(deviceIndex, direction), device)
  const fds = [tap.fd]
  const closeAll = () => {
    for (const fd of fds.splice(0).reverse()) close(fd)
  }
  const hookUp = (code: readonly Buffer[], onDevice: number, hook: Hook): number => {
    const program = loadProgram(code, hook)
    try {
      return attach(program, onDevice, hook)
    } finally {
      close(program) // the link holds it
    }
  }
  try {
    fds.push(hookUp(guardProgram(), tap.index, 'egress'))
    fds.push(hookUp(backProgram(deviceIndex, direction === 'in'), tap.index, 'ingress'))
    bringTapUp(tap)
    const main = raised(
      hookUp(mainProgram(tap.index), deviceIndex, direction === 'in' ? 'ingress' : 'egress'),
    )
    fds.push(main)
    const unhook = () => {
      if (fds.at(-1) === main) close(fds.pop() ?? -1)
    }
    return { tap, unhook, close: closeAll }
  } catch (error) {
    closeAll()
    throw error
  }
}

/** The same under a high number; under its own where there is none. */
function raised(fd: number): number {
  const high = fcntl(fd, duplicateFd, highFdMin)
  if (high < 0) return fd
  close(fd)
  return high
}
