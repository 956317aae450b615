/**
 * The contract of a fault: `inject` makes it active, `heal` undoes it, the receipt proves that it bit.
 * A fault records nothing; it returns. It asks of its target only what it uses. Before it harms it says how that is
 * undone (`intend`), for the reaper to do should the harness be gone by then; healed, it takes that back.
 */
import type { Finding, Link, Receipt as PacketReceipt } from '@squall/netem'
import type { Engine, EngineKind, Unit } from '../environment/engine.ts'
import type { TwinControl } from '../services/twin-control.ts'
import type { FaultKind, FaultSpec } from '../spec/fault-plan.ts'

export type Fault<Kind extends FaultKind = FaultKind> = {
  readonly kind: Kind
  /** What it does to its target, in half a line, for `doctor` and `--help`. */
  readonly summary: string
  /** Whether it can be done there, and by which means. */
  available(where: Place): Availability
  /** Why just this cannot be done there, although the kind can; undefined if it can. Without it, all of a kind can. */
  refuses?(spec: Extract<FaultSpec, { kind: Kind }>, where: Place): string | undefined
  /** What can be done before its moment, so that it then strikes at once. Harms nothing, never rejects. */
  prepare?(target: Pick<FaultTarget, 'unit'>): Promise<void>
  inject(spec: Extract<FaultSpec, { kind: Kind }>, target: FaultTarget): Promise<ActiveFault>
}

/** Where harm would be done; see `run/place.ts`. */
export type Place = {
  readonly engine: EngineKind
  readonly platform: NodeJS.Platform
  /** Limits of a running process can be changed from here: Linux, and the program `prlimit` is installed. */
  readonly prlimit: boolean
  /** What the engine's kernel can do to packets; absent when it was not tried out yet. */
  readonly networkRungs?: readonly Finding[] | undefined
}

/** Who is harmed. */
export type FaultTarget = {
  readonly unit: Unit
  /** See Engine: to be awaited before harm is done, and what it gives after healing. */
  readonly intend: Engine['intend']
  /** There for twins whose plan has protocol faults. */
  readonly control?: TwinControl
  /** The proxy before it; there if the plan harms its connections. */
  readonly link?: Link
  /** Fixes the draws of a fault on packets; without it each injection draws anew. */
  readonly packetSeed?: number
}

export type Availability =
  /** `reason`: why by no better means. */
  | { readonly available: true; readonly rung: string; readonly reason?: string }
  | { readonly available: false; readonly reason: string }

export type ActiveFault = {
  /** Undoes the fault. A second call does nothing. */
  heal(): Promise<void>
  /** Resolves when it has ended by itself and everything is as before. Never rejects: heal tells what went wrong. */
  readonly over?: Promise<void>
  /** Evidence; complete after `heal`. */
  receipt(): FaultReceipt
}

/** Proof that a fault bit. A run whose fault never bit is unknown, not green. */
export type FaultReceipt = {
  readonly bit: boolean
  readonly rung: string
  /** One sentence with the figures: "pid 4711 ended by SIGKILL, pid 4790 after the restart". */
  readonly evidence: string
  /** What the shaper counted: one receipt for each network that the target had while the fault was in force. */
  readonly packets?: readonly PacketReceipt[]
}
