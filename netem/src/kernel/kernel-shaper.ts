/**
 * The kernel rung: the kernel's own netem, through tc. A process that is killed leaves its rules behind: where there is
 * eBPF they let everything pass then (`life-line.ts`); the next agent, or one with `--heal`, takes them off. A change
 * drops the packets that are held, because the qdisc is made anew.
 */
import { NetemError } from '../errors.ts'
import type { Counts, Shaper } from '../shaper.ts'
import type { SettledImpairment } from '../spec/settled-impairment.ts'
import { indexOf } from '../userspace/network-device.ts'
import { removeLeftRules } from './leftovers.ts'
import { LifeLine } from './life-line.ts'
import { lockDevice } from './namespace-lock.ts'
import { runTc } from './run-tc.ts'
import { type Command, impairmentsMax, planTc, type TcAbilities, type TcPlan } from './tc-plan.ts'

/** One qdisc as `tc -j -s qdisc show` tells it. */
type QdiscStats = {
  readonly kind: string
  readonly packets?: number
  readonly drops?: number
  readonly requeues?: number
  readonly qlen?: number
  readonly bytes?: number
}

/** @param can as the probe found out. @throws NetemError `already-shaped` */
export async function openKernelShaper(device: string, can: TcAbilities): Promise<Shaper> {
  const deviceIndex = indexOf(device)
  const lock = await lockDevice(device, deviceIndex)
  await removeLeftRules(device)
  let lifeLine = can.failsOpen ? new LifeLine() : undefined
  const ended = Promise.withResolvers<void>()
  const nothing: TcPlan = { steps: [], shaped: [], plain: [] }
  let inForce = nothing
  /** Counters of qdiscs that were taken off since: they go with them. */
  let earlier: Counts = { seen: 0, lost: 0 }

  const takeOff = async (): Promise<void> => {
    earlier = await countsOf(inForce, earlier)
    await undo(inForce.steps.map((step) => step.undo))
    inForce = nothing
  }
  const putOn = async (plan: TcPlan): Promise<void> => {
    const done: (Command | undefined)[] = []
    try {
      for (const step of plan.steps) {
        await runTc(step.run)
        done.push(step.undo)
      }
      lifeLine?.attach(plan.plain)
      inForce = plan
    } catch (error) {
      await undo(done)
      throw error
    }
  }
  return {
    rung: 'kernel',
    device,
    isSeeded: can.takesSeed,
    failsOpen: can.failsOpen,
    gone: ended.promise,
    counts: async () => {
      const counts = await countsOf(inForce, earlier)
      return lifeLine ? { ...counts, slipped: lifeLine.slipped } : counts
    },
    apply: async (impairments) => {
      const plan = planTc(device, deviceIndex, checked(impairments), can)
      const before = inForce
      await takeOff()
      try {
        await putOn(plan)
      } catch (error) {
        await putOn(before)
        throw error
      }
    },
    end: async () => {
      await takeOff()
      earlier = { ...earlier, ...(lifeLine && { slipped: lifeLine.slipped }) }
      lifeLine?.close()
      lifeLine = undefined
      lock.release()
      ended.resolve()
    },
  }
}

function checked(impairments: readonly SettledImpairment[]): readonly SettledImpairment[] {
  if (impairments.length <= impairmentsMax) return impairments
  throw new NetemError(
    'bad-impairment',
    `Cannot use ${impairments.length} impairments: the kernel takes ${impairmentsMax} at once; use fewer`,
  )
}

/** Last first. What is gone already, e.g. with its device, does no harm. */
async function undo(commands: readonly (Command | undefined)[]): Promise<void> {
  for (const command of commands.toReversed()) {
    if (command !== undefined) await runTc(command).catch(() => undefined)
  }
}

async function countsOf({ shaped }: TcPlan, earlier: Counts): Promise<Counts> {
  const total = { reordered: 0, delivered: 0, bytesSeen: 0, ...earlier, held: 0 }
  for (const device of shaped) {
    const text = await runTc(['tc', '-j', '-s', 'qdisc', 'show', 'dev', device])
    for (const qdisc of JSON.parse(text) as readonly QdiscStats[]) {
      if (qdisc.kind !== 'netem') continue
      const { packets = 0, drops = 0, requeues = 0, qlen = 0, bytes = 0 } = qdisc
      total.seen += packets + drops + qlen
      total.lost += drops
      total.reordered += requeues
      total.delivered += packets
      total.bytesSeen += bytes
      total.held += qlen
    }
  }
  return total
}
