/**
 * A TAP: a device whose other end is this process. Frames carry a virtio header (checksum left open, size of segments)
 * that is handed back as it came. It has no address and goes with the process.
 */
import { NetemError } from '../errors.ts'
import { addressOf, close, ioctl, lastError, open } from './libc.ts'
import { openFlag, tun } from './linux.ts'
import {
  alreadyShaped,
  bringUp,
  ifreqOf,
  indexOf,
  mtuOf,
  setMtu,
  setTransmitQueue,
} from './network-device.ts'

/** Frames that may wait for this process; more are dropped by the kernel. */
const queueFrames = 20_000

/** Without a limit, so that writing never waits for room. */
const sendBufferBytes = 0x7f_ff_ff_ff

export type Tap = {
  readonly fd: number
  readonly name: string
  readonly index: number
  close(): void
}

/** @throws NetemError `already-shaped` when there is one of this name, `unsupported` or `no-permission` */
export function openTap(name: string, device: string, mtuBytes = mtuOf(device)): Tap {
  const fd = open(tun.device, openFlag.readWrite | openFlag.nonBlock | openFlag.closeOnExec)
  if (fd < 0) throw openFailure(lastError())
  try {
    const argument = ifreqOf(name)
    argument.writeInt16LE(tun.tap | tun.noPacketInfo | tun.vnetHeader, 16)
    if (ioctl(fd, tun.setInterface, addressOf(argument)) < 0) throw makeFailure(lastError(), device)
    const size = Buffer.alloc(4)
    size.writeInt32LE(sendBufferBytes)
    ioctl(fd, tun.setSendBuffer, addressOf(size))
    setMtu(name, mtuBytes)
    setTransmitQueue(name, queueFrames)
    return { fd, name, index: indexOf(name), close: () => void close(fd) }
  } catch (error) {
    close(fd)
    throw error
  }
}

export function bringTapUp({ name }: Tap): void {
  bringUp(name)
}

/**
 * Whole: frames of up to 64 KiB pass in one piece, as inside the kernel. Otherwise the kernel cuts them into packets
 * and completes their checksums first, so that each fate strikes one packet.
 */
export function passWholeFrames(tap: Tap, whole: boolean): void {
  ioctl(tap.fd, tun.setOffload, BigInt(whole ? tun.allOffloads : 0))
}

function openFailure(reason: string): NetemError {
  if (reason === 'EPERM' || reason === 'EACCES') {
    return new NetemError(
      'no-permission',
      `Cannot open ${tun.device}: the kernel says ${reason}; let the process use it (docker: --device ${tun.device})`,
    )
  }
  return new NetemError(
    'unsupported',
    `Cannot open ${tun.device}: the kernel says ${reason}; load the module tun, and give containers the device ` +
      `(docker: --device ${tun.device})`,
  )
}

function makeFailure(reason: string, device: string): NetemError {
  switch (reason) {
    case 'EBUSY':
      return alreadyShaped(device)
    case 'EPERM':
      return new NetemError(
        'no-permission',
        `Cannot make a TAP beside device ${device}: the kernel says EPERM; the process needs CAP_NET_ADMIN ` +
          '(docker: --cap-add NET_ADMIN)',
      )
    default:
      return new NetemError(
        'system-call',
        `Cannot make a TAP beside device ${device}: the kernel says ${reason}`,
      )
  }
}
