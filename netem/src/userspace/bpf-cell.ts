/** One number that eBPF programs and this process share: a map with one entry of 64 bits. It goes with both. */
import { bpfFailure } from './bpf.ts'
import { addressOf, bpfCall, close, lastError, must } from './libc.ts'
import { bpf } from './linux.ts'

/** Offsets in union bpf_attr, linux/bpf.h: the part of BPF_MAP_CREATE, then that of the element commands. */
const createAt = { type: 0, keyBytes: 4, valueBytes: 8, entries: 12 } as const
const elementAt = { map: 0, key: 8, value: 16 } as const

export class BpfCell {
  readonly fd: number
  /** Key and value of the one entry, and the request to read or write it. */
  readonly #memory = Buffer.alloc(16)
  readonly #request = Buffer.alloc(bpf.attributeBytes)

  /** @throws NetemError as a program that cannot be loaded */
  constructor() {
    const attributes = Buffer.alloc(bpf.attributeBytes)
    attributes.writeUInt32LE(bpf.arrayMap, createAt.type)
    attributes.writeUInt32LE(4, createAt.keyBytes)
    attributes.writeUInt32LE(8, createAt.valueBytes)
    attributes.writeUInt32LE(1, createAt.entries)
    this.fd = bpfCall(bpf.createMap, attributes)
    if (this.fd < 0) throw bpfFailure('make an eBPF map', lastError())
    this.#request.writeUInt32LE(this.fd, elementAt.map)
    this.#request.writeBigUInt64LE(addressOf(this.#memory), elementAt.key)
    this.#request.writeBigUInt64LE(addressOf(this.#memory) + 8n, elementAt.value)
  }

  read(): bigint {
    must(bpfCall(bpf.lookUpElement, this.#request), 'read an eBPF map')
    return this.#memory.readBigUInt64LE(8)
  }

  write(value: bigint): void {
    this.#memory.writeBigUInt64LE(value, 8)
    must(bpfCall(bpf.updateElement, this.#request), 'write an eBPF map')
  }

  close(): void {
    close(this.fd)
  }
}
