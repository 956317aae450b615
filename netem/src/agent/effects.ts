/** What the agent can put in force besides an impairment, by the name that `main.ts` is started with. */
import { startNames } from '../names/start-names.ts'
import { startPartition } from '../partition/start-partition.ts'
import type { StartEffect } from './effect-agent.ts'

export const effects: Readonly<Record<string, StartEffect<object>>> = {
  partition: startPartition,
  names: startNames,
}
