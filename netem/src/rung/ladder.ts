/**
 * The rungs as one shaper: the best one that can do what is asked, and why the better ones cannot. The kernel's netem
 * is tried out in a scratch namespace; the userspace rung shows at its first use what it lacks, and so does the kernel
 * where filters or an ifb are missing.
 */
import { messageOf, NetemError } from '../errors.ts'
import { openKernelShaper } from '../kernel/kernel-shaper.ts'
import { whyNotKernel } from '../kernel/tc-words.ts'
import { type Counts, type Rung, rungs, type Shaper, type StepDown, type Way } from '../shaper.ts'
import type { SettledImpairment } from '../spec/settled-impairment.ts'
import { openUserspaceShaper } from '../userspace/userspace-shaper.ts'
import { type Finding, probe } from './probe.ts'

/** A shaper whose rung may change with what is asked. */
export type Ladder = Shaper & {
  /** The probe and the worker have started, so that the first `apply` is fast. */
  readonly isWarm: Promise<void>
  /** The better rungs and ways, and why they were not taken. */
  readonly steppedDown: readonly StepDown[]
}

export type LadderOptions = {
  readonly device: string
  readonly workerProgram: URL
  /** Only this one. */
  readonly rung?: Rung | undefined
  /** How the userspace rung gets at packets; the best that can be had when left out. */
  readonly way?: Way | undefined
}

export class RungLadder implements Ladder {
  readonly device: string
  #better: readonly StepDown[] = []
  readonly #options: LadderOptions
  readonly #finding: Promise<Finding | undefined>
  readonly #ended = Promise.withResolvers<void>()
  /** Started early, because a worker takes 100 ms and more to start, and a fault should strike at once. */
  #userspace: Shaper | undefined
  #current: Shaper | undefined
  /** Counters of shapers that were left for another rung. */
  #earlier: Counts = { seen: 0, lost: 0 }

  constructor(options: LadderOptions) {
    this.device = options.device
    this.#options = options
    const needsProbe = options.rung !== 'userspace'
    this.#finding = needsProbe
      ? probe(options.workerProgram, ['kernel']).then(([finding]) => finding)
      : Promise.resolve(undefined)
    this.#finding.catch(() => undefined) // shows at the first use
    this.#userspace = options.rung === 'kernel' ? undefined : openUserspaceShaper(options)
    this.gone.catch(() => undefined)
  }

  get isWarm(): Promise<void> {
    // No impairments: the worker answers and does nothing.
    return Promise.all([this.#finding, this.#userspace?.apply([])]).then(() => undefined)
  }

  get rung(): Rung {
    return this.#current?.rung ?? this.#options.rung ?? 'kernel'
  }

  get way(): Way | undefined {
    return this.#current?.way
  }

  get steppedDown(): readonly StepDown[] {
    return [...this.#better, ...(this.#current?.steppedDown ?? [])]
  }

  get isSeeded(): boolean {
    return this.#current?.isSeeded ?? true
  }

  get failsOpen(): boolean {
    return this.#current?.failsOpen ?? true
  }

  get gone(): Promise<void> {
    return this.#ended.promise
  }

  async counts(): Promise<Counts> {
    return this.#current === undefined ? this.#earlier : sum(this.#earlier, await this.#current.counts())
  }

  async apply(impairments: readonly SettledImpairment[]): Promise<void> {
    const steppedDown: StepDown[] = []
    let last: NetemError | undefined
    for (const rung of this.#options.rung === undefined ? rungs : [this.#options.rung]) {
      try {
        await this.#applyOn(rung, impairments)
        this.#better = steppedDown
        return
      } catch (error) {
        // What a lower rung could do nothing about either.
        if (!(error instanceof NetemError) || !stepsDown.has(error.code)) throw error
        steppedDown.push({ rung, reason: messageOf(error) })
        last = error
      }
    }
    const better = steppedDown.slice(0, -1).map(({ rung, reason }) => `${rung} rung: ${reason}`)
    const message = [last?.message ?? '', ...better].join('; ')
    throw new NetemError(last?.code ?? 'unsupported', message, { cause: last })
  }

  async end(): Promise<void> {
    const [current, spare] = [this.#current, this.#userspace]
    await current?.end()
    if (spare !== current) await spare?.end()
    if (current === undefined) this.#ended.resolve()
  }

  async #applyOn(rung: Rung, impairments: readonly SettledImpairment[]): Promise<void> {
    const before = this.#current
    const shaper = before?.rung === rung ? before : await this.#open(rung, impairments)
    try {
      await shaper.apply(impairments)
    } catch (error) {
      // The worker of the userspace rung stays for another try; it has opened nothing.
      if (shaper !== before && shaper !== this.#userspace) await shaper.end().catch(() => undefined)
      throw error
    }
    if (shaper === before) return
    this.#current = shaper
    shaper.gone.then(
      () => {
        if (this.#current === shaper) this.#ended.resolve()
      },
      (error: unknown) => this.#ended.reject(error),
    )
    if (before === undefined) return
    // The new one is at work already; for a moment both are, rather than none.
    this.#earlier = sum(this.#earlier, await before.counts())
    await before.end()
    if (before === this.#userspace) this.#userspace = undefined
  }

  /** @throws NetemError that says why not */
  async #open(rung: Rung, impairments: readonly SettledImpairment[]): Promise<Shaper> {
    const { device } = this.#options
    if (rung === 'userspace') {
      this.#userspace ??= openUserspaceShaper(this.#options)
      return this.#userspace
    }
    const finding = await this.#finding
    if (finding?.can === 'no') throw new NetemError(finding.code, finding.reason)
    // What could not be tried is not relied on.
    const { takesSeed, failsOpen } = finding?.can === 'yes' ? finding : { takesSeed: false, failsOpen: false }
    const reason = impairments.map(whyNotKernel).find((it) => it !== undefined)
    if (reason !== undefined) throw new NetemError('unsupported', `Cannot use the kernel's netem: ${reason}`)
    return await openKernelShaper(device, { takesSeed, failsOpen })
  }
}

const stepsDown: ReadonlySet<string> = new Set(['unsupported', 'no-permission', 'system-call'])

function sum(one: Counts, other: Counts): Counts {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof Counts>
  return Object.fromEntries([...names].map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)])) as Counts
}
