/**
 * `npm run -s bench -- twin [--rounds N] [--json]`: what a twin costs. Requests per second and core on cheap
 * endpoints, WebSocket events per second, a thousand followers at once, memory per connection, time to start; each
 * beside a null server in the same rounds. The bars (DESIGN 10): > 9,500 requests per second and core, process start
 * < 150 ms. The load comes from processes of its own; on a machine of two cores they share it with the server.
 */
import { parseArgs } from 'node:util'
import { describeMachine } from './machine.ts'
import { startContainersOnce } from './twin/docker-starts.ts'
import { measureFollowing, measureNull } from './twin/followers.ts'
import { endpoints, measureRate } from './twin/http-rates.ts'
import { holdings, measureMemory } from './twin/memory.ts'
import { printReport, type Report } from './twin/report.ts'
import { Samples } from './twin/samples.ts'
import { type Server, startNull, startTwin } from './twin/server.ts'
import { startOnce } from './twin/start-times.ts'
import { Throughput } from './twin/throughput.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    followers: { type: 'string', default: '1000' },
    connections: { type: 'string', default: '2000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (options.help) {
  console.log(
    'Usage: npm run -s bench -- twin [--rounds N] [--seconds N] [--followers N] [--connections N] [--json]',
  )
  process.exit(0)
}
const rounds = Number(options.rounds)
const machine = describeMachine()

const report: Report = {
  bench: 'twin',
  machine,
  starts: await starts(),
  rates: await rates(),
  delivery: await delivery(),
  crowd: await crowd(),
  memory: await memory(),
}
if (options.json) console.log(JSON.stringify(report, null, 2))
else printReport(report)

function say(line: string): void {
  if (!options.json) process.stderr.write(`${line}\n`)
}

/** Starts are short, so there are three times as many. The first fills caches and is not counted. */
async function starts(): Promise<Report['starts']> {
  const process = new Samples()
  const docker = new Samples()
  for (let round = 0; round <= rounds * 3; round++) {
    const ms = await startOnce()
    if (round > 0) process.add(ms)
  }
  for (let round = 0; round <= rounds; round++) {
    const ms = await startContainersOnce()
    if (round > 0 && ms !== undefined) docker.add(ms)
  }
  say('starts measured')
  return { process: process.spreads(), docker: docker.spreads() }
}

/** The null server is loaded right before each endpoint, so that both met the same machine. */
async function rates(): Promise<Report['rates']> {
  const throughput = new Throughput('null node:http')
  await using servers = new AsyncDisposableStack()
  const nothing = servers.use(await startNull('null-http'))
  const twins = new Map<string, Server>()
  for (const { twin } of endpoints) if (!twins.has(twin)) twins.set(twin, servers.use(await startTwin(twin)))
  for (let round = 0; round <= rounds; round++) {
    for (const { twin, path } of endpoints) {
      const base = await measureRate(nothing, '/', Number(options.seconds))
      const own = await measureRate(twins.get(twin) ?? nothing, path, Number(options.seconds))
      if (round > 0) throughput.add(`${twin} ${path}`, own, base) // round 0 compiles
    }
    say(`rates: round ${round}${round === 0 ? ' (warm-up)' : ''}`)
  }
  return throughput.rows()
}

/** Fifty followers, as many as the load suite has users. */
async function delivery(): Promise<Report['delivery']> {
  const followers = 50
  const throughput = new Throughput('null ws')
  await using nothing = await startNull('null-ws')
  await using twin = await startTwin('comfyui')
  for (let round = 0; round <= rounds; round++) {
    const own = await measureFollowing(twin, followers, 20)
    const base = await measureNull(nothing, followers, Math.round(own.frames / followers))
    if (round > 0) throughput.add('comfyui', own, base)
  }
  say('delivery measured')
  return throughput.rows()
}

async function crowd(): Promise<Report['crowd']> {
  const followers = Number(options.followers)
  await using nothing = await startNull('null-ws')
  await using twin = await startTwin('comfyui')
  const own = await measureFollowing(twin, followers, 1)
  say('crowd measured')
  const base = await measureNull(nothing, followers, Math.round(own.frames / followers))
  return { comfyui: own, 'null ws': base }
}

async function memory(): Promise<Report['memory']> {
  const connections = Number(options.connections)
  const perConnection = new Samples()
  for (let round = 0; round < rounds; round++) {
    for (const { name, server: kind, request } of holdings) {
      await using server = kind.startsWith('null-') ? await startNull(kind) : await startTwin(kind)
      perConnection.add({ [name]: await measureMemory(server, request, connections) })
    }
  }
  say('memory measured')
  return { connections, bytes: perConnection.spreads() }
}
