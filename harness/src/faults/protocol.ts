/**
 * Breaks a twin at a named edge of its protocol. The receipt is the twin's own journal: each time the fault bit, the
 * twin said so. A fault that crashed its process is healed like a kill, by starting the process again.
 */
import type { Unit } from '../environment/engine.ts'
import type { Withdraw } from '../environment/reaper-channel.ts'
import { followJournal } from '../services/journal.ts'
import type { JournalLine } from '../services/service.ts'
import type { TwinControl } from '../services/twin-control.ts'
import { pollUntil } from '../support/poll.ts'
import type { Fault, FaultReceipt, FaultTarget } from './fault.ts'

const rung = 'protocol'

/** A line takes a few ms through the engine. A twin that was restarted meanwhile has forgotten the fault. */
const journalMsMax = 1_000

export const protocol: Fault<'protocol'> = {
  kind: 'protocol',
  summary: 'breaks a twin at a fault point: drops, delays, cuts, corrupts, refuses, stalls, crashes',
  available: () => ({ available: true, rung }),
  async inject(spec, target) {
    const { kind: _, ...fault } = spec
    const control = controlOf(target)
    const withdrawStart =
      fault.action.kind === 'crash'
        ? await target.intend({ kind: 'restart', unit: target.unit.name })
        : undefined
    const heard = hearOf(target.unit)
    const { id, withdraw } = await armGuarded(fault, target, control).catch((error: unknown) => {
      heard[Symbol.dispose]()
      throw error
    })
    let restarted = false
    let healed = false
    return {
      async heal() {
        if (healed) return
        if ((await target.unit.inspect()).status === 'exited') {
          await target.unit.restart()
          restarted = true
        } else {
          await control.heal(id)
          await heard.end(id)
        }
        healed = true
        heard[Symbol.dispose]()
        await withdraw()
        await withdrawStart?.()
      },
      receipt: (): FaultReceipt => {
        const bites = heard.bites(id)
        const times = `${bites} ${bites === 1 ? 'time' : 'times'}`
        const restart = restarted ? ', the process was started again' : ''
        return {
          bit: bites > 0,
          rung,
          evidence: `bit ${times}${restart}`,
        }
      },
    }
  },
}

/**
 * The reaper heals at the port that the twin itself listens on. Until the id is known it would heal whatever is armed
 * there, afterwards only this one: somebody else may break the same twin.
 */
async function armGuarded(
  fault: unknown,
  { unit, intend }: FaultTarget,
  control: TwinControl,
): Promise<{ readonly id: string; readonly withdraw: Withdraw }> {
  const port = unit.placement.ports.control?.listen.port ?? 0
  const disarm = { kind: 'disarm', unit: unit.name, port, token: control.token } as const
  const withdrawAll = await intend(disarm)
  const id = await control.arm(fault)
  const withdraw = await intend({ ...disarm, fault: id })
  await withdrawAll()
  return { id, withdraw }
}

/** What the twin's journal says of faults from now on. Ids are of one process, so no later one answers to them. */
function hearOf(unit: Unit) {
  const lines: JournalLine[] = []
  const following = followJournal(unit, (line) => {
    if (line.event.startsWith('fault-')) lines.push(line)
  })
  const of = (id: string, event: string): readonly JournalLine[] =>
    lines.filter((line) => line.event === event && line.fields['faultId'] === id)
  return {
    bites: (id: string) => of(id, 'fault-applied').length,
    /** The twin has written its last word on the fault before it answered; it may still be on its way here. */
    end: (id: string) =>
      pollUntil({
        what: `the journal of ${unit.name} tells the end of ${id}`,
        everyMs: 5,
        budgetMs: journalMsMax,
        probe: async () =>
          of(id, 'fault-healed').length > 0
            ? { done: true, value: undefined }
            : { done: false, saw: 'nothing yet' },
      }).catch(() => undefined),
    [Symbol.dispose]: () => following[Symbol.dispose](),
  }
}

function controlOf({ control, unit }: FaultTarget): TwinControl {
  if (control !== undefined) return control
  throw new Error(`Cannot break ${unit.name} at a fault point: it is no twin; use a kind that needs none`)
}
