/** When the moments of a run begin to count: at the turn of the plan's first fault, as its history says. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pause } from '../clock.ts'

const startMsMax = 120_000

/** @param folder where `.runs` is. Gives the id of the run. @throws Error when it is over before */
export async function faultsBegan(folder: string, isOver: () => boolean): Promise<string> {
  const endsAt = performance.now() + startMsMax
  for (;;) {
    const [history] = globSync(join(folder, '.runs/*/*/history.ndjson'))
    if (history !== undefined && readFileSync(history, 'utf8').includes('"what":"intent"')) {
      return (JSON.parse(readFileSync(join(history, '../machine.json'), 'utf8')) as { runId: string }).runId
    }
    if (isOver() || performance.now() > endsAt) throw new Error('the run did not begin')
    await pause(20)
  }
}
