/** An agent of `effect-agent.ts` as a child process inside a test network: requests in, events out. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { EffectEvent } from '../agent/effect-agent.ts'
import { endProcess, type TestNetwork } from './network.ts'

const program = fileURLToPath(new URL('../agent/main.ts', import.meta.url))

/** Slow machines take their time to start Node. */
const answerMsMax = 15_000

/** Disposing kills it, so that a test that fails does not spoil the next. */
export type EffectProcess<Receipt> = AsyncDisposable & {
  readonly child: ChildProcess
  /** Puts it in force and gives the answer. */
  apply(what: unknown): Promise<EffectEvent<Receipt>>
  report(): Promise<EffectEvent<Receipt>>
  /** Closes the input; the last event. */
  end(): Promise<EffectEvent<Receipt> | undefined>
}

/** @param name of the effect, as `main.ts` knows it. @param under a command to run the agent under */
export async function startEffect<Receipt>(
  network: TestNetwork,
  name: string,
  under: readonly string[] = [],
): Promise<EffectProcess<Receipt>> {
  const agent = [program, name]
  const [command, ...rest] = under
  const child =
    command === undefined
      ? network.start(process.execPath, agent)
      : network.start(command, [...rest, process.execPath, ...agent])
  if (!child.stdout) throw new Error('the agent has no output')
  const events: EffectEvent<Receipt>[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => events.push(JSON.parse(line) as EffectEvent<Receipt>))
  const next = async (): Promise<EffectEvent<Receipt>> => {
    if (events.length === 0) await once(lines, 'line', { signal: AbortSignal.timeout(answerMsMax) })
    return events.shift() as EffectEvent<Receipt>
  }
  const ask = async (request: object): Promise<EffectEvent<Receipt>> => {
    child.stdin?.write(`${JSON.stringify(request)}\n`)
    return await next()
  }
  const ready = await next()
  if (ready.event !== 'ready') throw new Error(`the agent did not start: ${JSON.stringify(ready)}`)
  return {
    child,
    apply: (what) => ask({ do: 'apply', what }),
    report: () => ask({ do: 'report' }),
    end: async () => {
      const exited = once(child, 'exit')
      child.stdin?.end()
      await exited
      return events.at(-1)
    },
    [Symbol.asyncDispose]: async () => await endProcess(child),
  }
}
