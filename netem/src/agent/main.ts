#!/usr/bin/env node
/**
 * The agent as a program, run in the network namespace that is to be impaired:
 *
 *   node main.ts [--device NAME] [--rung kernel|userspace] [--attach tcx|clsact|nfqueue] [--probe|--heal]
 *   node main.ts partition
 *   node main.ts names
 *
 * Requests come in as lines of JSON (`requests.ts`), events go out as lines of JSON (`receipt.ts`);
 * for partitions and names see `effect-agent.ts`. It is its own
 * worker too, so that it can be bundled into one file. `--probe` says what this
 * machine can do and ends. `--heal` takes off what an agent that was killed has left, and ends. Exit codes: 0 the input
 * ended, 3 it could not go on.
 */
import { parseArgs } from 'node:util'
import { isMainThread, workerData } from 'node:worker_threads'
import { messageOf, NetemError } from '../errors.ts'
import { removeLeftovers } from '../kernel/leftovers.ts'
import { lockDevice } from '../kernel/namespace-lock.ts'
import { type ProbeStart, probe } from '../rung/probe.ts'
import { runProbeWorker } from '../rung/probe-worker.ts'
import { type Rung, rungs, type Way, ways } from '../shaper.ts'
import { chooseDevice, indexOf } from '../userspace/network-device.ts'
import { runShaperWorker } from '../userspace/shaper-worker.ts'
import type { WorkerStart } from '../userspace/worker-messages.ts'
import { runAgent } from './agent.ts'
import { type EffectEvent, runEffectAgent, type StartEffect } from './effect-agent.ts'
import { effects } from './effects.ts'
import type { AgentEvent } from './receipt.ts'

if (isMainThread) process.exitCode = await main()
else if ((workerData as ProbeStart | WorkerStart).kind === 'probe') runProbeWorker()
else runShaperWorker()

async function main(): Promise<number> {
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort())
  try {
    const { device, rung, way, isProbe, isHeal, effect } = readArguments()
    if (effect) {
      const { input, signal } = { input: process.stdin, signal: ending.signal }
      await runEffectAgent<object>({ start: effect, input, print, signal })
      return 0
    }
    const workerProgram = new URL(import.meta.url)
    if (isProbe) {
      print({ event: 'probed', findings: await probe(workerProgram, rungs) })
      return 0
    }
    if (isHeal) {
      print(await heal(chooseDevice(device)))
      return 0
    }
    await runAgent({
      device,
      rung,
      way,
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

/** @throws NetemError `already-shaped` when an agent is at work there */
async function heal(device: string): Promise<AgentEvent> {
  const lock = await lockDevice(device, indexOf(device))
  try {
    return { event: 'healed', device, removed: await removeLeftovers(device) }
  } finally {
    lock.release()
  }
}

function print(event: AgentEvent | EffectEvent<object>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

type Arguments = {
  readonly device: string | undefined
  readonly rung: Rung | undefined
  readonly way: Way | undefined
  readonly isProbe: boolean
  readonly isHeal: boolean
  readonly effect: StartEffect<object> | undefined
}

/** @throws NetemError `bad-usage` */
function readArguments(): Arguments {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        device: { type: 'string' },
        rung: { type: 'string' },
        attach: { type: 'string' },
        probe: { type: 'boolean' },
        heal: { type: 'boolean' },
      },
    })
    const rung = rungs.find((it) => it === values.rung)
    if (values.rung !== undefined && rung === undefined)
      throw new TypeError(`there is no rung ${values.rung}`)
    const way = ways.find((it) => it === values.attach)
    if (values.attach !== undefined && way === undefined)
      throw new TypeError(`there is no way ${values.attach} to attach`)
    const [name, ...others] = positionals
    const effect = name === undefined || others.length > 0 ? undefined : effects[name]
    if (name !== undefined && effect === undefined)
      throw new TypeError(`there is nothing called ${positionals.join(' ')}`)
    const { probe: isProbe = false, heal: isHeal = false } = values
    return { device: values.device, rung, way, isProbe, isHeal, effect }
  } catch (error) {
    throw new NetemError(
      'bad-usage',
      `Cannot start: ${messageOf(error)}; use ${Object.keys(effects).join(', ')}, or --device NAME, --rung ${rungs.join('|')}, --attach ${ways.join('|')}, --probe or --heal`,
    )
  }
}
