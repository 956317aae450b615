/** The container engine is stopped and started again in the middle of a run; a second one, never the shared one. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { newRunId } from './contract-watch.ts'
import { canRunDockerd, startPrivateDockerd } from './private-dockerd.ts'

const program = fileURLToPath(new URL('restarted-engine-harness.ts', import.meta.url))

test.skipIf(!canRunDockerd())(
  'an engine that is restarted ends the run; the harness waits for it and leaves nothing',
  async () => {
    const runId = newRunId()
    await using dockerd = await startPrivateDockerd(`sq-${runId}`)
    const [wrapper = '', ...flags] = dockerd.inside
    const harness = spawn(wrapper, [...flags, process.execPath, program, runId], {
      env: dockerd.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const events: string[] = []
    for await (const line of createInterface({ input: harness.stdout })) {
      events.push((JSON.parse(line) as { event: string }).event)
      if (events.length === 1) await dockerd.stop()
      if (events.length === 2) await dockerd.start()
    }
    expect(events).toEqual(['ready', 'reaper-lost', 'proven gone'])
  },
  120_000,
)
