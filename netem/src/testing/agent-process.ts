/** The agent as a child process inside a test network: requests in, events out. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { AgentEvent } from '../agent/receipt.ts'
import { endProcess, type TestNetwork } from './network.ts'
import { slowness } from './slowness.ts'

const program = fileURLToPath(new URL('../agent/main.ts', import.meta.url))

/** Arguments that keep the agent from taking the kernel's netem where there is one. */
export const onUserspace = ['--rung', 'userspace']

/** And that take packets from a queue, as where bpf(2) is refused. */
export const onQueue = [...onUserspace, '--attach', 'nfqueue']

/** Slow machines take their time to start Node twice. */
const answerMsMax = 15_000 * slowness

/** Disposing kills it, so that a test that fails does not spoil the next. */
export type AgentProcess = AsyncDisposable & {
  readonly child: ChildProcess
  /** The next event. @throws Error when none comes in time */
  event(): Promise<AgentEvent>
  /** Puts impairments in force and gives the answer. */
  apply(...impairments: readonly (string | object)[]): Promise<AgentEvent>
  report(): Promise<AgentEvent>
  /** Closes the input. The last event, when it came, and when the process was gone; ms from the closing. */
  end(): Promise<{
    readonly last: AgentEvent | undefined
    readonly healedMs: number
    readonly goneMs: number
  }>
}

export function startAgent(network: TestNetwork, ...args: readonly string[]): AgentProcess {
  return startAgentUnder(network, [], ...args)
}

/** @param under a command to run it under, e.g. one that takes privileges away */
export function startAgentUnder(
  network: TestNetwork,
  under: readonly string[],
  ...args: readonly string[]
): AgentProcess {
  const [command = '', ...rest] = [...under, process.execPath, program, ...args]
  const child = network.start(command, rest)
  if (!child.stdout) throw new Error('the agent has no output')
  const lines = createInterface({ input: child.stdout })
  const events: AgentEvent[] = []
  let lastMs = 0
  lines.on('line', (line) => {
    events.push(JSON.parse(line) as AgentEvent)
    lastMs = performance.now()
  })
  const event = async (): Promise<AgentEvent> => {
    if (events.length === 0) await once(lines, 'line', { signal: AbortSignal.timeout(answerMsMax) })
    return events.shift() as AgentEvent
  }
  const ask = async (request: object): Promise<AgentEvent> => {
    child.stdin?.write(`${JSON.stringify(request)}\n`)
    return await event()
  }
  return {
    child,
    event,
    apply: (...impairments) => ask({ do: 'apply', impairments }),
    report: () => ask({ do: 'report' }),
    end: async () => {
      const beganMs = performance.now()
      const exited = once(child, 'exit')
      child.stdin?.end()
      await exited
      return { last: events.at(-1), healedMs: lastMs - beganMs, goneMs: performance.now() - beganMs }
    },
    [Symbol.asyncDispose]: async () => await endProcess(child),
  }
}

/** A shaper of the userspace rung at work: agent started, impairments in force. */
export async function shape(
  network: TestNetwork,
  ...impairments: readonly (string | object)[]
): Promise<AgentProcess> {
  return await shapeWith(network, onUserspace, ...impairments)
}

/** Of any rung, with arguments for the agent. */
export async function shapeWith(
  network: TestNetwork,
  args: readonly string[],
  ...impairments: readonly (string | object)[]
): Promise<AgentProcess> {
  const agent = startAgent(network, '--device', network.device, ...args)
  const ready = await agent.event()
  if (ready.event !== 'ready') throw new Error(`the agent did not start: ${JSON.stringify(ready)}`)
  const applied = await agent.apply(...impairments)
  if (applied.event !== 'applied') throw new Error(`the agent did not apply: ${JSON.stringify(applied)}`)
  return agent
}
