/** Every fault by its kind. A kind in the spec without an entry here does not compile. */
import type { FaultKind } from '../spec/fault-plan.ts'
import type { Fault } from './fault.ts'
import { kill } from './kill.ts'
import { noop } from './noop.ts'
import { pause } from './pause.ts'
import { protocol } from './protocol.ts'

export const faultCatalog: { readonly [Kind in FaultKind]: Fault<Kind> } = { noop, kill, pause, protocol }
