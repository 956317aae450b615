/**
 * A harness that is about to be killed or stopped while the network of its unit is impaired, for
 * network.docker.test.ts: prints the address of the unit, and waits.
 *
 *   TTL_MS=1000 node abandoned-impairment.ts <run id> <reaper image> <node image> <agent image> [lease ms]
 *
 * With a lease it leaves by itself, and the reaper keeps the unit for so long.
 */
import { serverEnvironment, serverSource } from '../environment/contract-server.ts'
import { answering, outside } from '../environment/contract-watch.ts'
import { openDockerEngine } from '../environment/docker-engine.ts'
import { sleep } from '../support/clock.ts'
import { network } from './network.ts'

const [runId = '', reaperImage = '', image = '', agent = '', leaseMs] = process.argv.slice(2)

const engine = await openDockerEngine({
  runId,
  reaperImage,
  agentImage: async () => agent,
  ttlMs: Number(process.env['TTL_MS'] ?? 15_000),
})
const placement = await engine.place('target', { http: 8188 })
const unit = await engine.start({
  placement,
  env: serverEnvironment(placement),
  program: { kind: 'container', image, command: ['node', '-e', serverSource] },
})
await answering(outside(placement))
await network.inject(
  { kind: 'network', impair: 'delay 150ms', onRestart: 'reapply' },
  { unit, intend: (undo) => engine.intend(undo) },
)
console.log(outside(placement))
process.stdin.once('data', () => engine.detach({ leaseMs: Number(leaseMs) }))
// Long enough for any test to end it; not for ever, should the test die first.
await sleep(120_000)
