/**
 * A sign of life for eBPF programs. Rules can outlive the process that made them, and a process can be stopped while
 * its rules stand; so programs that divert packets look at the time of the last beat first, and let everything pass
 * when it is too long ago. What passes that way is counted.
 */

import { bpfAssembler } from './bpf-assembler.ts'
import { BpfCell } from './bpf-cell.ts'
import { bpf } from './linux.ts'

const { addressOfMapValue, atomicAdd, call, exit, loadDoubleWord, set, skipIfAtMost, subtract } = bpfAssembler

/** Without a beat for so long, traffic passes. Longer than the stalls of a busy machine, shorter than a second. */
const heartbeatMsMax = 750

/** How often to beat. */
export const beatEveryMs = 50

const nsPerMs = 1e6

export class Heartbeat {
  readonly #lastBeat = new BpfCell()
  readonly #slipped = new BpfCell()

  /** @throws NetemError as a map */
  constructor() {
    this.beat()
  }

  beat(): void {
    // The clock of the programs too; see `bpf.getTimeNs`.
    this.#lastBeat.write(process.hrtime.bigint())
  }

  /** How many packets passed for want of a beat. */
  get slipped(): number {
    return Number(this.#slipped.read())
  }

  /**
   * Instructions that end the program with `answer` when the beat is overdue. Registers 0 to 5 and 7 are used.
   * @param answer what lets the packet pass there
   */
  orElse(answer: number): Buffer[] {
    return [
      addressOfMapValue(1, this.#lastBeat.fd),
      loadDoubleWord(7, 1, 0),
      call(bpf.getTimeNs),
      subtract(0, 7),
      skipIfAtMost(0, heartbeatMsMax * nsPerMs, 6),
      addressOfMapValue(1, this.#slipped.fd),
      set(2, 1),
      atomicAdd(1, 2, 0),
      set(0, answer),
      exit(),
    ]
  }

  /** Programs that were loaded with it keep what they need of it. */
  close(): void {
    this.#lastBeat.close()
    this.#slipped.close()
  }
}
