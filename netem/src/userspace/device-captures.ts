/**
 * Which way packets of a device are got at: by the detour through a TAP, or, where bpf(2) is refused, by a queue of the
 * packet filter. Decided once, when something is to be done to packets for the first time.
 */
import { messageOf, NetemError } from '../errors.ts'
import { isQueued, QueueCaptures } from '../queue/queue-captures.ts'
import type { StepDown, Way } from '../shaper.ts'
import type { SettledImpairment } from '../spec/settled-impairment.ts'
import { whyNoBpf } from './bpf.ts'
import type { Capture } from './capture.ts'
import { openDetour } from './detour.ts'
import { alreadyShaped, indexOf } from './network-device.ts'
import { TapCapture } from './tap-capture.ts'

export class DeviceCaptures {
  /** The way taken; unknown before the first packet is taken. */
  way: Way | undefined
  steppedDown: readonly StepDown[] = []
  readonly #device: string
  readonly #wanted: Way | undefined
  #byQueue: QueueCaptures | undefined

  /** @param wanted only this one; the best when left out */
  constructor(device: string, wanted: Way | undefined) {
    this.#device = device
    this.#wanted = wanted
  }

  /** @throws NetemError `unsupported` when the way cannot do it */
  require(impairments: readonly SettledImpairment[]): void {
    if (impairments.length === 0) return
    if (this.#byQueue === undefined && this.way === undefined) this.#decide()
    this.#byQueue?.require(impairments)
  }

  /** After `require`. @throws NetemError; traffic is untouched then */
  open(direction: 'in' | 'out'): Capture {
    if (this.#byQueue !== undefined) return this.#openQueue(this.#byQueue, direction)
    if (isQueued(indexOf(this.#device))) throw alreadyShaped(this.#device)
    const detour = openDetour(this.#device, direction, this.#wanted)
    this.way = detour.way
    return new TapCapture(detour)
  }

  #decide(): void {
    const refusal = this.#wanted === undefined ? whyNoBpf() : undefined
    if (refusal !== undefined) {
      this.steppedDown = [{ rung: 'userspace', way: 'tcx', reason: messageOf(refusal) }]
    }
    if (refusal !== undefined || this.#wanted === 'nfqueue') this.#byQueue = new QueueCaptures(this.#device)
  }

  #openQueue(queues: QueueCaptures, direction: 'in' | 'out'): Capture {
    try {
      const capture = queues.open(direction)
      this.way = 'nfqueue'
      return capture
    } catch (error) {
      const [better] = this.steppedDown
      if (better === undefined || !(error instanceof NetemError)) throw error
      throw new NetemError(error.code, `${messageOf(error)}; and not by eBPF: ${better.reason}`, {
        cause: error,
      })
    }
  }
}
