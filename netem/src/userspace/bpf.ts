/**
 * Loading programs and hanging them onto devices. A link is a file descriptor of this process: when the process goes,
 * however it goes, the kernel takes the program off and traffic flows as before. That is what makes the rung fail
 * open. Kernels without such links get a filter instead (`traffic-filter.ts`).
 */
import { NetemError } from '../errors.ts'
import { bpfAssembler } from './bpf-assembler.ts'
import { addressOf, bpfCall, close, lastError } from './libc.ts'
import { bpf } from './linux.ts'

export type Hook = 'ingress' | 'egress'

/** Offsets in union bpf_attr, linux/bpf.h: the part of BPF_PROG_LOAD, then that of BPF_LINK_CREATE. */
const loadAt = {
  type: 0,
  count: 4,
  instructions: 8,
  license: 16,
  logLevel: 24,
  logBytes: 28,
  log: 32,
  expectedAttachType: 68,
} as const
const linkAt = { program: 0, device: 4, attachType: 8 } as const

const logBytes = 65_536
const instructionBytes = 8

/** Some helpers are for programs under the GPL only; bpf_redirect is not, but the verifier wants a licence. */
const license = 'GPL\0'

/** File descriptor of a program. @throws NetemError `no-permission`, `unsupported` or `system-call` */
export function loadProgram(code: readonly Buffer[], hook?: Hook): number {
  const attributes = Buffer.alloc(bpf.attributeBytes)
  // One piece of memory, used again after the call, so that it is certainly there during it.
  const memory = Buffer.concat([...code, Buffer.from(license), Buffer.alloc(logBytes)])
  const logAt = memory.length - logBytes
  attributes.writeUInt32LE(bpf.classifier, loadAt.type)
  attributes.writeUInt32LE(Buffer.concat(code).length / instructionBytes, loadAt.count)
  attributes.writeBigUInt64LE(addressOf(memory), loadAt.instructions)
  attributes.writeBigUInt64LE(addressOf(memory) + BigInt(logAt - license.length), loadAt.license)
  attributes.writeUInt32LE(1, loadAt.logLevel)
  attributes.writeUInt32LE(logBytes, loadAt.logBytes)
  attributes.writeBigUInt64LE(addressOf(memory) + BigInt(logAt), loadAt.log)
  if (hook !== undefined) attributes.writeUInt32LE(attachType(hook), loadAt.expectedAttachType)
  const program = bpfCall(bpf.loadProgram, attributes)
  const reason = program < 0 ? lastError() : ''
  const log = memory.toString('latin1', logAt, memory.indexOf(0, logAt))
  if (program >= 0) return program
  throw bpfFailure('load an eBPF program', reason, log)
}

/** File descriptor of a link; nothing where the kernel has no tcx. @throws NetemError as above */
export function attach(program: number, deviceIndex: number, hook: Hook): number | undefined {
  const attributes = Buffer.alloc(bpf.attributeBytes)
  attributes.writeUInt32LE(program, linkAt.program)
  attributes.writeUInt32LE(deviceIndex, linkAt.device)
  attributes.writeUInt32LE(attachType(hook), linkAt.attachType)
  const link = bpfCall(bpf.createLink, attributes)
  if (link >= 0) return link
  const reason = lastError()
  // The kind of link is unknown to it.
  if (reason === 'EINVAL') return undefined
  throw bpfFailure('attach an eBPF program', reason)
}

/** Tries the smallest of programs. Nothing when bpf(2) takes it. */
export function whyNoBpf(): NetemError | undefined {
  try {
    close(loadProgram([bpfAssembler.set(0, 0), bpfAssembler.exit()]))
    return undefined
  } catch (error) {
    if (error instanceof NetemError) return error
    throw error
  }
}

function attachType(hook: Hook): number {
  return hook === 'ingress' ? bpf.tcxIngress : bpf.tcxEgress
}

export function bpfFailure(doing: string, reason: string, log = ''): NetemError {
  switch (reason) {
    case 'EPERM':
    case 'EACCES':
      return new NetemError(
        'no-permission',
        `Cannot ${doing}: the kernel says ${reason}; the process needs CAP_BPF or CAP_SYS_ADMIN besides ` +
          'CAP_NET_ADMIN, and seccomp must let bpf(2) pass (docker: --cap-add SYS_ADMIN --cap-add NET_ADMIN)',
      )
    case 'ENOSYS':
    case 'EINVAL':
      return new NetemError(
        'unsupported',
        `Cannot ${doing}: the kernel says ${reason}; the kernel needs eBPF, Linux 5.2 or newer${log && `; ${log}`}`,
      )
    default:
      return new NetemError('system-call', `Cannot ${doing}: the kernel says ${reason}${log && `; ${log}`}`)
  }
}
