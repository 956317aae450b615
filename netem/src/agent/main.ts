#!/usr/bin/env node
/**
 * The agent as a program, run in the network namespace that is to be impaired:
 *
 *   node main.ts [--device NAME] [--rung kernel|userspace] [--probe]
 *
 * Requests come in as lines of JSON (`requests.ts`), events go out as lines of JSON (`receipt.ts`). It is its own
 * worker too, so that it can be bundled into one file. `--probe` says what this
 * machine can do and ends. Exit codes: 0 the input ended, 3 it could not go on.
 */
import { parseArgs } from 'node:util'
import { isMainThread, workerData } from 'node:worker_threads'
import { messageOf, NetemError } from '../errors.ts'
import { type ProbeStart, probe } from '../rung/probe.ts'
import { runProbeWorker } from '../rung/probe-worker.ts'
import { type Rung, rungs } from '../shaper.ts'
import { runShaperWorker } from '../userspace/shaper-worker.ts'
import type { WorkerStart } from '../userspace/worker-messages.ts'
import { runAgent } from './agent.ts'
import type { AgentEvent } from './receipt.ts'

if (isMainThread) process.exitCode = await main()
else if ((workerData as ProbeStart | WorkerStart).kind === 'probe') runProbeWorker()
else runShaperWorker()

async function main(): Promise<number> {
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort())
  try {
    const { device, rung, isProbe } = readArguments()
    const workerProgram = new URL(import.meta.url)
    if (isProbe) {
      print({ event: 'probed', findings: await probe(workerProgram, rungs) })
      return 0
    }
    await runAgent({
      device,
      rung,
      workerProgram,
      input: process.stdin,
      print,
      signal: ending.signal,
    })
    return 0
  } catch (error) {
    const code = error instanceof NetemError ? error.code : 'shaper-died'
    print({ event: 'refused', code, message: messageOf(error) })
    return 3
  } finally {
    process.stdin.destroy()
  }
}

function print(event: AgentEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

type Arguments = {
  readonly device: string | undefined
  readonly rung: Rung | undefined
  readonly isProbe: boolean
}

/** @throws NetemError `bad-usage` */
function readArguments(): Arguments {
  try {
    const { values } = parseArgs({
      options: { device: { type: 'string' }, rung: { type: 'string' }, probe: { type: 'boolean' } },
    })
    const rung = rungs.find((it) => it === values.rung)
    if (values.rung !== undefined && rung === undefined)
      throw new TypeError(`there is no rung ${values.rung}`)
    return { device: values.device, rung, isProbe: values.probe ?? false }
  } catch (error) {
    throw new NetemError(
      'bad-usage',
      `Cannot start: ${messageOf(error)}; use --device NAME, --rung ${rungs.join('|')} or --probe`,
    )
  }
}
