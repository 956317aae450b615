/**
 * A harness whose container engine is restarted, for engine-restart.docker.test.ts: it makes its images, opens a run
 * with one unit, says so, and removes the run as soon as it hears that its reaper is lost. One JSON line per event.
 *
 *   node restarted-engine-harness.ts <run id>
 */
import { messageOf } from '../support/errors.ts'
import { contractImages } from './contract-images.ts'
import { openDockerEngine } from './docker-engine.ts'
import { findDocker } from './find-docker.ts'

const [runId = ''] = process.argv.slice(2)
const docker = await findDocker()
const images = await contractImages(docker.docker)
const lost = Promise.withResolvers<string>()
const engine = await openDockerEngine({
  runId,
  docker,
  reaperImage: images.reaper,
  onReaperLost: ({ code }) => lost.resolve(code),
})
const polite = `process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)`
await engine.start({
  placement: await engine.place('unit', { http: 8188 }),
  env: {},
  program: { kind: 'container', image: images.node, command: ['node', '-e', polite] },
})
await engine.intend({ kind: 'restart', unit: 'unit' })
console.log(JSON.stringify({ event: 'ready' }))
console.log(JSON.stringify({ event: await lost.promise }))
const end = await engine[Symbol.asyncDispose]().then(() => 'proven gone', messageOf)
console.log(JSON.stringify({ event: end }))
