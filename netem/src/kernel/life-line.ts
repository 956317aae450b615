/**
 * What makes the kernel rung fail open: in front of netem stands an eBPF filter that sends packets past it when this
 * process has given no sign of life for too long. The rules of a killed agent then do no harm, until somebody takes
 * them off or their namespace ends.
 */
import { every } from '../clock.ts'
import { loadProgram } from '../userspace/bpf.ts'
import { beatEveryMs, Heartbeat } from '../userspace/heartbeat.ts'
import { close } from '../userspace/libc.ts'
import { indexOf } from '../userspace/network-device.ts'
import { slipProgram } from '../userspace/programs.ts'
import { attachToQdisc } from '../userspace/traffic-filter.ts'
import { rootNumber, type TcPlan } from './tc-plan.ts'

export class LifeLine {
  readonly #heartbeat = new Heartbeat()
  readonly #program = loadProgram(slipProgram(this.#heartbeat))
  readonly #stopBeating = every(beatEveryMs, () => this.#heartbeat.beat())

  /** Filters go with their qdiscs. @throws NetemError */
  attach(plain: TcPlan['plain']): void {
    this.#heartbeat.beat()
    for (const { device, classId } of plain) {
      attachToQdisc(this.#program, indexOf(device), rootNumber, classId)
    }
  }

  get slipped(): number {
    return this.#heartbeat.slipped
  }

  close(): void {
    this.#stopBeating()
    close(this.#program)
    this.#heartbeat.close()
  }
}
