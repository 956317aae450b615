/** The eBPF instructions that are used, 8 bytes each (RFC 9669). Registers are 0 to 10. */

import { bpf } from './linux.ts'

/** RFC 9669 section 3: operation codes. */
const code = {
  loadNumber64: 0x18,
  loadWord: 0x61,
  loadDoubleWord: 0x79,
  storeWord: 0x63,
  moveNumber32: 0xb4,
  moveRegister64: 0xbf,
  subtractRegister64: 0x1f,
  jumpUnlessEqual32: 0x56,
  jumpIfAtMost64: 0xb5,
  atomicAdd64: 0xdb,
  call: 0x85,
  exit: 0x95,
} as const

function instruction(opcode: number, to: number, from: number, offset: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt8(opcode, 0)
  bytes.writeUInt8((from << 4) | to, 1)
  bytes.writeInt16LE(offset, 2)
  bytes.writeInt32LE(value | 0, 4)
  return bytes
}

export const bpfAssembler = {
  /** to = *(u32 *)(from + offset) */
  loadWord: (to: number, from: number, offset: number) => instruction(code.loadWord, to, from, offset, 0),
  /** to = *(u64 *)(from + offset) */
  loadDoubleWord: (to: number, from: number, offset: number) =>
    instruction(code.loadDoubleWord, to, from, offset, 0),
  /** to = address of the value of a map with one entry. Counts as two instructions. */
  addressOfMapValue: (to: number, map: number) =>
    Buffer.concat([
      instruction(code.loadNumber64, to, bpf.mapValue, 0, map),
      instruction(0, 0, 0, 0, 0), // the upper half: where in the value
    ]),
  /** *(u64 *)(to + offset) += from, as one step */
  atomicAdd: (to: number, from: number, offset: number) => instruction(code.atomicAdd64, to, from, offset, 0),
  /** to -= from */
  subtract: (to: number, from: number) => instruction(code.subtractRegister64, to, from, 0, 0),
  /** *(u32 *)(to + offset) = from */
  storeWord: (to: number, from: number, offset: number) => instruction(code.storeWord, to, from, offset, 0),
  /** to = value */
  set: (to: number, value: number) => instruction(code.moveNumber32, to, 0, 0, value),
  /** to = from */
  copy: (to: number, from: number) => instruction(code.moveRegister64, to, from, 0, 0),
  /** Unless register = value: skip so many instructions. */
  skipUnlessEqual: (register: number, value: number, skip: number) =>
    instruction(code.jumpUnlessEqual32, register, 0, skip, value),
  /** If register <= value, without signs: skip so many instructions. */
  skipIfAtMost: (register: number, value: number, skip: number) =>
    instruction(code.jumpIfAtMost64, register, 0, skip, value),
  /** Calls a helper with registers 1 to 5; the answer is in register 0. */
  call: (helper: number) => instruction(code.call, 0, 0, 0, helper),
  /** Ends with the answer in register 0. */
  exit: () => instruction(code.exit, 0, 0, 0, 0),
} as const
