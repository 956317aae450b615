/**
 * A harness that is about to be killed with faults in force, for their test: opens an engine, starts a unit, injects
 * what it is told, prints where the unit answers, and waits.
 *
 *   node abandoned-faults.ts <run id> '[{"kind":"disk-full","sizeMb":4}]'
 */
import { contractImages } from '../environment/contract-images.ts'
import { serverSource } from '../environment/contract-server.ts'
import { openDockerEngine } from '../environment/docker-engine.ts'
import { findDocker } from '../environment/find-docker.ts'
import type { FaultSpec } from '../spec/fault-plan.ts'
import { sleep } from '../support/clock.ts'
import { inject, openLab } from './fault-contract.ts'

const [runId = '', specs = '[]'] = process.argv.slice(2)
const docker = await findDocker()
const { reaper, node, agent } = await contractImages(docker.docker)
const engine = await openDockerEngine({ runId, docker, reaperImage: reaper, agentImage: agent })
const host = {
  engine: () => engine,
  program: () => ({ kind: 'container', image: node, command: ['node', '-e', serverSource] }) as const,
  offers: () => true,
}
const lab = await openLab(host, { dataBytesMax: 4 * 2 ** 20 })
for (const spec of JSON.parse(specs) as FaultSpec[]) await inject(spec, lab)
console.log(lab.url)
// Long enough for any test to kill it; not for ever, should the test die first.
await sleep(600_000)
