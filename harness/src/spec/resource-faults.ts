/** Harm to what a process lives on: what each kind takes, with its limits. */
import { z } from 'zod'

const sizeMb = z.int().min(1).max(4096).default(64)
const spare = z.int().nonnegative().max(100_000).default(0)

export const resourceFaultSchemas = [
  /** Gives it this many processors' worth of time and no more. */
  z.strictObject({ kind: z.literal('cpu'), cpus: z.number().min(0.01).max(64) }),
  /** Lets it use this much more memory than it does now; the kernel kills it when it wants more. 0: any more at all. */
  z.strictObject({ kind: z.literal('memory'), headroomMb: z.number().min(0).max(65_536).default(0) }),
  /** Lets it start this many more processes and threads than it has now. */
  z.strictObject({ kind: z.literal('processes'), spare }),
  /** Lets it open this many more files and sockets than it has open now; 0: none, even where some are closed. */
  z.strictObject({ kind: z.literal('files'), spare }),
  /** Opens connections to it from outside and leaves them silent. */
  z.strictObject({ kind: z.literal('connections'), count: z.int().min(1).max(2000) }),
  /** Fills the disk of its data folder, which is of this size in a run with this fault. */
  z.strictObject({ kind: z.literal('disk-full'), sizeMb }),
  /** Lets nothing be written to the disk of its data folder, which is of this size in a run with this fault. */
  z.strictObject({ kind: z.literal('read-only'), sizeMb }),
] as const
