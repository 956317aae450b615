#!/usr/bin/env node
/**
 * The agent as a program, run in the network namespace that is to be impaired:
 *
 *   node main.ts [--device NAME]
 *
 * Requests come in as lines of JSON (`requests.ts`), events go out as lines of JSON (`receipt.ts`). It is its own
 * worker too, so that it can be bundled into one file. Exit codes: 0 the input ended, 3 it could not go on.
 */
import { parseArgs } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import { messageOf, NetemError } from '../errors.ts'
import { runShaperWorker } from '../userspace/shaper-worker.ts'
import { runAgent } from './agent.ts'
import type { AgentEvent } from './receipt.ts'

if (isMainThread) process.exitCode = await main()
else runShaperWorker()

async function main(): Promise<number> {
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort())
  try {
    await runAgent({
      device: deviceArgument(),
      workerProgram: new URL(import.meta.url),
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

function deviceArgument(): string | undefined {
  try {
    return parseArgs({ options: { device: { type: 'string' } } }).values.device
  } catch (error) {
    throw new NetemError('bad-usage', `Cannot start: ${messageOf(error)}; the only option is --device NAME`)
  }
}
