/**
 * A harness that is about to be killed, for the engine contract: opens an engine, starts a unit that runs and one
 * that is paused, as by a fault, prints a line, and waits. When it loses its reaper it prints the code of that error.
 *
 *   TTL_MS=1000 node abandoned-run.ts <run id> process
 *   TTL_MS=1000 node abandoned-run.ts <run id> docker <reaper image> <node image>
 */
import { sleep } from '../support/clock.ts'
import { asProcess, serverEnvironment, serverSource } from './contract-server.ts'
import type { Engine, UnitSpec } from './engine.ts'

const [runId = '', kind = '', reaperImage = '', nodeImage = ''] = process.argv.slice(2)

async function open(): Promise<Engine> {
  const onReaperLost = ({ code }: { code: string }): void => console.log(code)
  const ttlMs = Number(process.env['TTL_MS'])
  const options = { runId, onReaperLost, ...(ttlMs > 0 && { ttlMs }) }
  if (kind === 'process') return (await import('./process-engine.ts')).openProcessEngine(options)
  return (await import('./docker-engine.ts')).openDockerEngine({ ...options, reaperImage })
}

function program(source: string): UnitSpec['program'] {
  return kind === 'process'
    ? asProcess(source)
    : { kind: 'container', image: nodeImage, command: ['node', '-e', source] }
}

const engine = await open()
for (const name of ['running', 'paused']) {
  const placement = await engine.place(name, { http: 8188 })
  const unit = await engine.start({
    placement,
    env: serverEnvironment(placement),
    program: program(serverSource),
  })
  if (name === 'paused') {
    await engine.intend({ kind: 'unpause', unit: name })
    await unit.pause()
  }
}
console.log(JSON.stringify({ ready: true }))
// Long enough for any test to kill it; not for ever, should the test die first.
await sleep(600_000)
