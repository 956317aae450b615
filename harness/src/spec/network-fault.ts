/**
 * Harm to the packets of a service: an impairment as netem has it, in its own words, as an object or by a preset's
 * name. netem's parser judges it, so a plan is refused for the same reasons as the `netem` command.
 */
import {
  type Impairment,
  isPreset,
  type PresetName,
  parseImpairment,
  parseImpairmentText,
  presets,
  writeImpairment,
} from '@squall/netem'
import { z } from 'zod'
import { messageOf } from '../support/errors.ts'
import { serviceNames } from './topology.ts'

/** Whom a `peer` may name instead of an address: a unit of the run. `upstream` stands behind LiteLLM. */
const peerNames: readonly string[] = [...serviceNames, 'upstream']

/** Several are separated by commas in the text; the first that matches strikes a packet. */
export type Impair = string | { readonly preset: PresetName } | Impairment

/** Kept as it was written: it is what reports call the fault. */
const impairSchema = z
  .custom<Impair>()
  .superRefine((impair: Impair | undefined, context) => {
    if (impair === undefined) {
      const message =
        'is missing; give netem\'s text ("delay 100ms"), { preset: NAME } or an object with its fields'
      context.addIssue({ code: 'custom', message })
      return
    }
    try {
      impairmentsOf(impair, () => '192.0.2.1')
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) })
    }
  })
  .describe('netem\'s text ("delay 100ms"), {"preset":NAME}, or JSON with its fields')

export const networkFaultSchema = z.strictObject({
  kind: z.literal('network'),
  impair: impairSchema,
  /** A service that was restarted has a new network: is it impaired again, or is that the end? */
  onRestart: z.enum(['reapply', 'end']).default('reapply'),
})
export type NetworkFault = z.infer<typeof networkFaultSchema>

/**
 * What netem is to do.
 * @param addressOf The address of a unit that is named as a peer.
 * @throws NetemError `bad-impairment`; Error for a preset that is none
 */
export function impairmentsOf(impair: Impair, addressOf: (unit: string) => string): readonly Impairment[] {
  if (typeof impair === 'string') {
    return allOf(textsOf(impair), (text) =>
      parseImpairmentText(text.replace(peerInText, (_all, peer) => `peer ${addressIf(peer, addressOf)}`)),
    )
  }
  if (isObject(impair) && 'preset' in impair) return presetOf(impair)
  return [parseImpairment(withAddress(impair, addressOf))]
}

/** The result for each. @throws Error with every reason, not only the first */
function allOf<T, U>(items: readonly T[], read: (item: T) => U): readonly U[] {
  const reasons: string[] = []
  const results = items.flatMap((item) => {
    try {
      return [read(item)]
    } catch (error) {
      reasons.push(messageOf(error))
      return []
    }
  })
  if (reasons.length > 0) throw new Error(reasons.join('; '))
  return results
}

/** The units that it names as peers. */
export function peersOf(impair: Impair): readonly string[] {
  const named: string[] = []
  impairmentsOf(impair, (unit) => {
    named.push(unit)
    return '192.0.2.1'
  })
  return [...new Set(named)]
}

/** "delay 500ms", "slow-3g": what the fault is called. */
export function impairInWords(impair: Impair): string {
  if (typeof impair === 'string') return textsOf(impair).join(', ')
  return 'preset' in impair ? impair.preset : writeImpairment(impair)
}

/** Whether no packet at all comes through. */
export function isBlackout(impair: Impair): boolean {
  const [first] = impairmentsOf(impair, () => '192.0.2.1')
  return first?.filter === undefined && first?.loss?.kind === 'random' && first.loss.percent === 100
}

const peerInText = /\bpeer\s+(\S+)/g

function textsOf(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim().replace(/\s+/g, ' '))
}

function addressIf(peer: string, addressOf: (unit: string) => string): string {
  return peerNames.includes(peer) ? addressOf(peer) : peer
}

function withAddress(impair: unknown, addressOf: (unit: string) => string): unknown {
  const filter = isObject(impair) ? impair['filter'] : undefined
  if (!isObject(impair) || !isObject(filter) || typeof filter['peer'] !== 'string') return impair
  return { ...impair, filter: { ...filter, peer: addressIf(filter['peer'], addressOf) } }
}

function presetOf(impair: Readonly<Record<string, unknown>>): readonly Impairment[] {
  const { preset, ...rest } = impair
  const [stray] = Object.keys(rest)
  if (stray !== undefined) throw new Error(`"${stray}" does not go with a preset; write the impairment out`)
  if (typeof preset === 'string' && isPreset(preset)) return presets[preset].impairments
  throw new Error(`there is no preset ${String(preset)}; use one of ${Object.keys(presets).join(', ')}`)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
