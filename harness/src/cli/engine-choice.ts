/** Which engine a command uses: the flag, else `SQUALL_ENGINE`, else Docker. */
import type { EngineKind } from '../environment/engine.ts'
import { choiceFlag } from './strict-args.ts'

const kinds: readonly EngineKind[] = ['docker', 'process']

export const engineFlag = {
  type: 'string',
  description: 'docker or process; default: SQUALL_ENGINE, else docker',
  valueHint: 'kind',
} as const

/** @throws UsageError for any other word. */
export function chooseEngine(flag: string | undefined): EngineKind {
  const word = flag ?? process.env.SQUALL_ENGINE
  return word === undefined || word === '' ? 'docker' : choiceFlag('engine', word, kinds)
}
