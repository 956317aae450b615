/**
 * The C library, through koffi. Only what is used; each function as the manual names it. Pointers are numbers here
 * (`addressOf`), so that the data path makes no objects.
 */
import koffi from 'koffi'
import { NetemError } from '../errors.ts'
import { bpfSystemCall } from './linux.ts'

/** Where memory lies. */
export type Pointer = bigint

/** Symbols of the running program, which has its C library loaded, whichever it is. */
const library = koffi.load(null)

type Native<Args extends readonly unknown[]> = (...args: Args) => number

export const open: Native<[path: string, flags: number]> = library.func(
  'int open(const char *path, int flags)',
)
export const close: Native<[fd: number]> = library.func('int close(int fd)')
export const read: Native<[fd: number, to: Pointer, bytes: number]> = library.func(
  'long read(int fd, void *to, size_t bytes)',
)
export const write: Native<[fd: number, from: Pointer, bytes: number]> = library.func(
  'long write(int fd, void *from, size_t bytes)',
)
export const ioctl: Native<[fd: number, request: number, argument: Pointer]> = library.func(
  'int ioctl(int fd, uint64_t request, void *argument)',
)
export const socket: Native<[domain: number, type: number, protocol: number]> =
  library.func('int socket(int, int, int)')
const setOption: Native<[fd: number, level: number, name: number, value: Pointer, bytes: number]> =
  library.func('int setsockopt(int fd, int level, int name, void *value, uint32_t bytes)')
export const ppoll: Native<[fds: Pointer, count: number, timeout: Pointer, signals: Pointer]> = library.func(
  'int ppoll(void *fds, uint64_t count, void *timeout, void *signals)',
)
export const eventfd: Native<[initial: number, flags: number]> = library.func('int eventfd(uint32_t, int)')
export const prctl: Native<[option: number, a: number, b: number, c: number, d: number]> = library.func(
  'int prctl(int, uint64_t, uint64_t, uint64_t, uint64_t)',
)
export const ifNameToIndex: Native<[name: string]> = library.func('uint32_t if_nametoindex(const char *)')
export const setScheduler: Native<[thread: number, policy: number, parameters: Pointer]> = library.func(
  'int sched_setscheduler(int, int, void *)',
)
export const setPriority: Native<[which: number, who: number, nice: number]> = library.func(
  'int setpriority(int, int, int)',
)
export const fcntl: Native<[fd: number, command: number, argument: number]> = library.func(
  'int fcntl(int fd, int command, long argument)',
)
export const unshare: Native<[flags: number]> = library.func('int unshare(int)')

const systemCall: Native<[number: number, command: number, attributes: Pointer, bytes: number]> =
  library.func('long syscall(long number, long command, void *attributes, long bytes)')

/** bpf(2), which the C library does not wrap. */
export function bpfCall(command: number, attributes: Buffer): number {
  const number = bpfSystemCall[process.arch]
  if (number === undefined) {
    throw new NetemError(
      'unsupported',
      `Cannot load eBPF: the number of bpf(2) on ${process.arch} is unknown here; use an x64 or arm64 machine`,
    )
  }
  return systemCall(number, command, addressOf(attributes), attributes.length)
}

/** An option that is a number. */
export function setSocketOption(fd: number, level: number, name: number, value: number): number {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return setOption(fd, level, name, addressOf(bytes), bytes.length)
}

/** Stays right as long as the buffer lives: its memory does not move. */
export function addressOf(buffer: Buffer): Pointer {
  return koffi.address(buffer)
}

export const nullPointer: Pointer = 0n

/** Name of the last failure in this thread, as in errno(3): "EPERM". */
export function lastError(): string {
  return errorName(koffi.errno())
}

export function errorName(number: number): string {
  // The C library has another name for EOPNOTSUPP, which the kernel does not know.
  const entry = Object.entries(koffi.os.errno).find(([name, value]) => value === number && name !== 'ENOTSUP')
  return entry?.[0] ?? `error ${number}`
}

/** @throws NetemError when the call failed. @param doing completes "Cannot ..." */
export function must(result: number, doing: string): number {
  if (result >= 0) return result
  const reason = lastError()
  const code = reason === 'EPERM' || reason === 'EACCES' ? 'no-permission' : 'system-call'
  throw new NetemError(code, `Cannot ${doing}: the kernel says ${reason}`)
}
