/**
 * `npm run -s bench -- up [--rounds N] [--json]`: from the call to all three twins ready, on the docker and the
 * process engine, beside the same three containers started by raw API calls in parallel in the same rounds.
 * The bars (DESIGN 10): docker < 1.5 s and <= 1.1 x raw; process < 200 ms.
 */
import { parseArgs } from 'node:util'
import { bringUp, newRunId } from '@squall/harness'
import { describeMachine } from './machine.ts'
import { type Spread, spreadOf } from './median.ts'
import { startRaw } from './raw-containers.ts'

const topology = { comfyui: 'twin', wan2gp: 'twin', litellm: 'twin' } as const

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log('Usage: npm run -s bench -- up [--rounds N] [--json]')
  process.exit(0)
}
const machine = describeMachine()
const rounds = Number(values.rounds)
const withDocker = process.env.SQUALL_ENGINE !== 'process'
const ms: Record<'docker' | 'raw' | 'process', number[]> = { docker: [], raw: [], process: [] }

// The first round builds images, warms caches and is not counted.
for (let round = 0; round <= rounds; round++) {
  const measured = {
    process: await timeStack('process'),
    ...(withDocker && { docker: await timeStack('docker'), raw: await startRaw() }),
  }
  if (!values.json)
    process.stderr.write(`round ${round}${round === 0 ? ' (warm-up)' : ''}: ${format(measured)}\n`)
  if (round > 0) for (const [name, value] of Object.entries(measured)) ms[name as keyof typeof ms].push(value)
}
print()

async function timeStack(engine: 'docker' | 'process'): Promise<number> {
  const beganAt = performance.now()
  await using stack = await bringUp({
    engine,
    runId: newRunId(),
    topology,
    seed: 1,
    timeScale: 1,
    startMsMax: 60_000,
    env: process.env,
    log: { progress: () => undefined, warn: (line) => process.stderr.write(`${line}\n`) },
  })
  const elapsed = performance.now() - beganAt
  if (stack.services.size !== 4)
    throw new Error(`expected three twins and the upstream, got ${stack.services.size}`)
  return elapsed
}

function print(): void {
  const spreads = Object.fromEntries(
    Object.entries(ms)
      .filter(([, values]) => values.length > 0)
      .map(([name, values]) => [name, spreadOf(values)]),
  ) as Partial<Record<keyof typeof ms, Spread>>
  const ratio = spreads.docker && spreads.raw ? spreads.docker.median / spreads.raw.median : undefined
  if (values.json) {
    console.log(
      JSON.stringify({ bench: 'up', unit: 'ms', machine, ...spreads, dockerOverRaw: ratio }, null, 2),
    )
    return
  }
  console.log(`\n${JSON.stringify(machine)}`)
  for (const [name, spread] of Object.entries(spreads)) {
    console.log(
      `${name.padEnd(8)} median ${spread.median.toFixed(0)} ms (${spread.min.toFixed(0)} to ${spread.max.toFixed(0)}, ${spread.rounds} rounds)`,
    )
  }
  if (ratio !== undefined) console.log(`docker / raw = ${ratio.toFixed(2)} (bar: 1.10)`)
}

function format(measured: Readonly<Record<string, number>>): string {
  return Object.entries(measured)
    .map(([name, value]) => `${name} ${value.toFixed(0)} ms`)
    .join(', ')
}
