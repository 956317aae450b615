/** A3 backends in parallel: image, text and video jobs at once, each with the right media type and intact bytes. */
import { defineExperiment, type HistoryEvent } from '@squall/harness'
import { engines, expectPass, test } from '@squall/harness/vitest'
import { reference } from '@squall/subjects'
import { describe, expect } from 'vitest'

const experiment = defineExperiment({
  title: 'A3 three backends in parallel',
  seed: 3,
  topology: { comfyui: 'auto', litellm: 'auto', wan2gp: 'auto' },
  workload: { kind: 'closed-loop', users: 3, jobsPerUser: 2, mix: ['image', 'text', 'video'] },
})

describe.each(engines)('%s engine', (engine) => {
  test('A3 image, text and video at the same time', async ({ run }) => {
    const result = await run(experiment, { engine, subject: reference, scenario: 'A3 backends in parallel' })
    expectPass(result)
    const types = result.history.flatMap((event) =>
      event.type === 'operation' && event.what === 'ok'
        ? event.outputs.map((output) => output.mediaType)
        : [],
    )
    expect(types.sort()).toEqual([
      'image/png',
      'image/png',
      'text/plain',
      'text/plain',
      'video/mp4',
      'video/mp4',
    ])
    expect(overlaps(result.history)).toBe(true)
  })
})

/** All three kinds were under way at the same moment. */
function overlaps(history: readonly HistoryEvent[]): boolean {
  return openKinds(history).some((kinds) => kinds.size === 3)
}

function openKinds(history: readonly HistoryEvent[]): ReadonlySet<string>[] {
  const open = new Map<string, string>()
  const moments: Set<string>[] = []
  for (const event of history) {
    if (event.type !== 'operation' || event.what === 'discovered') continue
    if (event.what === 'invoke') open.set(event.op, event.kind)
    if (event.what === 'ok' || event.what === 'fail' || event.what === 'info') open.delete(event.op)
    moments.push(new Set(open.values()))
  }
  return moments
}
