/**
 * `npm run -s bench -- faults [--rounds N] [--engine docker|process] [--kind NAME] [--cold] [--json]`: per kind of fault, from
 * the call of inject to the first request that is hit, and from the call of heal to the first that is not, as a client
 * sees it that asks every few ms (`everyMs`, which is the resolution); and how long the two calls themselves took. The
 * bar (DESIGN 10): p99 < 100 ms from call to first effect; a healed process must start first, which takes what it
 * takes. Faults are prepared first, as in a plan; with `--cold` not, as by hand. A fault that a row is about must have bitten in every round by its own receipt, or the row says in how many.
 */
import { parseArgs } from 'node:util'
import {
  bringUp,
  type EngineKind,
  type FaultReceipt,
  type FaultSpec,
  faultCatalog,
  newRunId,
  type Stack,
} from '@squall/harness'
import { pause } from './clock.ts'
import { type Case, cases } from './faults/cases.ts'
import { behindLink, startServer, type Target } from './faults/server.ts'
import { watch } from './faults/watch.ts'
import { describeMachine } from './machine.ts'
import { percentile } from './percentile.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    engine: { type: 'string' },
    kind: { type: 'string' },
    cold: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(
    'Usage: npm run -s bench -- faults [--rounds N] [--engine docker|process] [--kind NAME] [--cold] [--json]',
  )
  process.exit(0)
}

type Active = { heal(): Promise<void>; receipt(): FaultReceipt }
type Result = Awaited<ReturnType<typeof measure>>

const lookEveryMs = 5
/** Between two measurements, so that a heal has settled. */
const settledLooks = 20

const machine = describeMachine()
const rounds = Number(values.rounds)
const results: Result[] = []
for (const engine of enginesFrom(values.engine)) {
  await using stack = await openStack(engine)
  const server = await startServer(stack)
  await using linked = await behindLink(server)
  const targets = { twin: twinOf(stack), server, 'linked server': linked }
  for (const entry of cases) {
    if (values.kind !== undefined && values.kind !== entry.spec.kind) continue
    const target = targets[entry.on]
    if (entry.isOffered?.(target.unit, engine) ?? true) results.push(await measure(stack, target, entry))
  }
}
console.log(values.json ? JSON.stringify({ bench: 'faults', unit: 'ms', machine, results }, null, 2) : text())

function openStack(engine: EngineKind): Promise<Stack> {
  return bringUp({
    engine,
    runId: newRunId(),
    topology: { comfyui: 'twin' },
    ...{ seed: 1, timeScale: 0.05, startMsMax: 60_000 },
    env: process.env,
    log: { progress: () => undefined, warn: (line) => process.stderr.write(`${line}\n`) },
    diskBytes: new Map([['comfyui', 64 * 2 ** 20]]),
    controlled: new Set(['comfyui']),
    sideContainers: { impairPackets: cases.flatMap(({ spec }) => (spec.kind === 'network' ? [spec] : [])) },
  })
}

function twinOf({ services }: Stack): Target & { readonly control?: unknown } {
  const { unit, url, control } = services.get('comfyui') ?? {}
  if (unit === undefined || url === undefined) throw new Error('there is no twin')
  return { unit, url, ...(control && { control }) }
}

async function measure(stack: Stack, { url, ...target }: Target, entry: Case) {
  const { spec, look, want, everyMs, holdMs = 0 } = entry
  const of = { ...target, intend: stack.engine.intend.bind(stack.engine) }
  const fault = faultCatalog[spec.kind] as unknown as {
    prepare?: (on: typeof of) => Promise<void>
    inject: (spec: FaultSpec, on: typeof of) => Promise<Active>
  }
  const times = { effect: [], injected: [], normal: [], healed: [] } as Record<string, number[]>
  const pace = everyMs ?? lookEveryMs
  let bitten = 0
  for (let round = 0; round <= rounds; round++) {
    // As the nemesis does while it waits for the moment of a fault.
    if (!values.cold) await fault.prepare?.(of)
    await using watching = watch(() => look(url), pace)
    for (let calm = 0; calm < settledLooks; calm++) await watching.normalAfter(performance.now())
    const calledAt = performance.now()
    const felt = watching.feltAfter(calledAt)
    const active = await fault.inject(spec, of)
    const injectedAt = performance.now()
    void want?.(url).catch(() => undefined)
    const feltAt = await felt
    await pause(holdMs)
    const healedAt = performance.now()
    const back = watching.normalAfter(healedAt)
    await active.heal()
    const returnedAt = performance.now()
    const backAt = await back
    // The first round warms up and is not counted.
    if (round === 0) continue
    bitten += active.receipt().bit ? 1 : 0
    times['effect']?.push(feltAt - calledAt)
    times['injected']?.push(injectedAt - calledAt)
    times['normal']?.push(backAt - healedAt)
    times['healed']?.push(returnedAt - healedAt)
  }
  const spreads = Object.entries(times).map(([name, ms]) => [name, spread(ms)] as const)
  const { effect, injected, normal, healed } = Object.fromEntries(spreads)
  const result = {
    ...{ engine: stack.engine.kind, kind: spec.kind, rounds, bitten, everyMs: pace },
    ...{ effect, injected, normal, healed },
  }
  process.stderr.write(`${line(result)}\n`)
  return result
}

function spread(ms: readonly number[]) {
  return { p50: percentile(ms, 50), p99: percentile(ms, 99) }
}

function line({ engine, kind, bitten, effect, injected, normal, healed }: Result): string {
  const of = (it: ReturnType<typeof spread> | undefined): string =>
    `p50 ${it?.p50.toFixed(1)} ms, p99 ${it?.p99.toFixed(1)} ms`
  return (
    `${engine.padEnd(8)}${kind.padEnd(12)}call to effect ${of(effect)} (inject returned ${of(injected)}); ` +
    `heal to normal ${of(normal)} (heal returned ${of(healed)}); bit in ${bitten} of ${rounds}`
  )
}

function text(): string {
  return [JSON.stringify(machine), ...results.map(line)].join('\n')
}

function enginesFrom(name: string | undefined): readonly EngineKind[] {
  if (name === 'docker' || name === 'process') return [name]
  return process.env.SQUALL_ENGINE === 'process' ? ['process'] : ['docker', 'process']
}
