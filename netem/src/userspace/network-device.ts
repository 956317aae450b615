/**
 * Devices of this network namespace: which there are, which one is meant, and their numbers. The name is looked up and
 * never assumed: after a reconnect Docker's eth0 is eth1.
 */
import { readFileSync } from 'node:fs'
import { NetemError } from '../errors.ts'
import { addressOf, close, ifNameToIndex, ioctl, must, socket } from './libc.ts'
import { hardwareEthernet, ifreq, interfaceRequest, interfaceUp, socketKind } from './linux.ts'

/** Our own TAPs begin like this; see `tapName`. */
const tapPrefix = 'squall-'

/** One per device and direction, so that the name is also the lock: a second one cannot be made. */
export function tapName(deviceIndex: number, direction: 'in' | 'out'): string {
  return `${tapPrefix}${direction}${deviceIndex}` // at most 15 characters: an index has up to 5 digits in practice
}

/**
 * The device that is meant. Without a name: that of the default route, else the only one there is.
 * @throws NetemError `no-device`
 */
export function chooseDevice(wanted?: string): string {
  const devices = deviceNames()
  if (wanted !== undefined) {
    if (wanted !== 'lo' && devices.includes(wanted)) return wanted
    const state = wanted === 'lo' ? 'loopback is not shaped' : 'it does not exist in this network namespace'
    throw new NetemError('no-device', `Cannot shape device ${wanted}: ${state}; ${advice(devices)}`)
  }
  const routed = devicesOfDefaultRoutes().find((name) => devices.includes(name))
  if (routed !== undefined) return routed
  const [only, ...others] = devices
  if (only !== undefined && others.length === 0) return only
  const state = only === undefined ? 'there is none but loopback' : 'there are several and no default route'
  throw new NetemError('no-device', `Cannot choose a network device: ${state}; ${advice(devices)}`)
}

function advice(devices: readonly string[]): string {
  return devices.length === 0
    ? 'connect the machine or container to a network'
    : `name one of: ${devices.join(', ')}`
}

/** Without loopback and our own. From /proc/net/dev: two lines of head, then `name: numbers`. */
function deviceNames(): string[] {
  return lines('/proc/net/dev')
    .slice(2)
    .map((line) => line.split(':')[0]?.trim() ?? '')
    .filter((name) => name !== '' && name !== 'lo' && !name.startsWith(tapPrefix))
}

/** /proc/net/route: name and destination lead; ipv6_route: destination and prefix lead, the name is last. */
function devicesOfDefaultRoutes(): string[] {
  const ipv4 = lines('/proc/net/route')
    .map((line) => line.split('\t'))
    .filter(([, destination]) => destination === '00000000')
    .flatMap(([name]) => name ?? [])
  const ipv6 = lines('/proc/net/ipv6_route')
    .map((line) => line.split(/\s+/))
    .filter(([destination, prefix]) => destination === '0'.repeat(32) && prefix === '00')
    .flatMap((fields) => fields.at(-1) ?? [])
  return [...ipv4, ...ipv6]
}

/** A file of /proc may be missing: IPv6 can be switched off. */
function lines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
  } catch {
    return []
  }
}

/** The kernel's number of a device. @throws NetemError `no-device` */
export function indexOf(device: string): number {
  const index = ifNameToIndex(device)
  if (index > 0) return index
  throw new NetemError('no-device', `Cannot shape device ${device}: it is gone; ${advice(deviceNames())}`)
}

/** What a second shaper is told. */
export function alreadyShaped(device: string): NetemError {
  return new NetemError(
    'already-shaped',
    `Cannot shape device ${device}: another shaper is at work there; end it first, or give it both impairments`,
  )
}

/** @throws NetemError `unsupported`: tunnels and the like have frames of another shape */
export function requireEthernet(device: string): void {
  const kind = request(device, interfaceRequest.getHardwareAddress, 'look up the kind of').readUInt16LE(
    ifreq.valueAt,
  )
  if (kind === hardwareEthernet) return
  throw new NetemError(
    'unsupported',
    `Cannot shape device ${device}: it is not Ethernet (kind ${kind}); name a veth, bridge or network card`,
  )
}

export function mtuOf(device: string): number {
  return request(device, interfaceRequest.getMtu, 'look up the MTU of').readInt32LE(ifreq.valueAt)
}

export function setMtu(device: string, bytes: number): void {
  request(device, interfaceRequest.setMtu, 'set the MTU of', bytes)
}

export function setTransmitQueue(device: string, packets: number): void {
  request(device, interfaceRequest.setTransmitQueue, 'set the queue of', packets)
}

export function bringUp(device: string): void {
  const flags = request(device, interfaceRequest.getFlags, 'look up the state of').readInt16LE(ifreq.valueAt)
  request(device, interfaceRequest.setFlags, 'bring up', flags | interfaceUp)
}

/** A request of netdevice(7): the device's name, a number in, a number out. */
function request(device: string, what: number, doing: string, value?: number): Buffer {
  const argument = ifreqOf(device)
  if (value !== undefined) argument.writeInt32LE(value, ifreq.valueAt)
  const fd = must(socket(socketKind.inet, socketKind.datagram | socketKind.closeOnExec, 0), 'open a socket')
  try {
    must(ioctl(fd, what, addressOf(argument)), `${doing} device ${device}`)
    return argument
  } finally {
    close(fd)
  }
}

/** struct ifreq with the name filled in. */
export function ifreqOf(device: string): Buffer {
  const argument = Buffer.alloc(ifreq.bytes)
  argument.write(device, 0, ifreq.nameBytes - 1, 'latin1')
  return argument
}
