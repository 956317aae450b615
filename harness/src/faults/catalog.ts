/** Every fault by its kind. A kind in the spec without an entry here does not compile. */
import type { FaultKind } from '../spec/fault-plan.ts'
import { connections } from './connections.ts'
import { cpu } from './cpu.ts'
import { crashLoop } from './crash-loop.ts'
import { diskFull } from './disk-full.ts'
import { dns } from './dns.ts'
import type { Fault } from './fault.ts'
import { files } from './files.ts'
import { kill } from './kill.ts'
import { link } from './link.ts'
import { memory } from './memory.ts'
import { network } from './network.ts'
import { noop } from './noop.ts'
import { partition } from './partition.ts'
import { pause } from './pause.ts'
import { processes } from './processes.ts'
import { protocol } from './protocol.ts'
import { readOnly } from './read-only.ts'
import { restart } from './restart.ts'
import { stop } from './stop.ts'

/** In the order in which `doctor` tells them. */
export const faultCatalog: { readonly [Kind in FaultKind]: Fault<Kind> } = {
  noop,
  kill,
  stop,
  restart,
  pause,
  'crash-loop': crashLoop,
  cpu,
  memory,
  processes,
  files,
  'disk-full': diskFull,
  'read-only': readOnly,
  connections,
  network,
  partition,
  dns,
  link,
  protocol,
}
