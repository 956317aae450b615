/** `squall up`: the stack for experiments by hand. In the foreground until Ctrl-C, or left up with a lease. */
import { defineCommand } from 'citty'
import { findDocker } from '../environment/find-docker.ts'
import { chooseEnvironment, findEnvironments, renewLease } from '../run/environments.ts'
import { bringUp, newRunId, type Stack } from '../run/stack.ts'
import { type ServiceName, serviceNames, type Topology } from '../spec/topology.ts'
import { SquallError } from '../support/errors.ts'
import { openLog } from '../support/log.ts'
import { inWords } from './duration-flag.ts'
import { chooseEngine, engineFlag } from './engine-choice.ts'
import { type ExitCode, exitCode } from './exit-code.ts'
import { listenForInterrupt } from './interrupt.ts'
import { choiceFlag, integerFlag, positiveFlag } from './strict-args.ts'
import { tellReports } from './tell-reports.ts'
import { UsageError } from './usage-error.ts'

export const up = defineCommand({
  meta: { name: 'up', description: 'Bring the stack up and print its addresses; Ctrl-C removes it' },
  args: {
    services: { type: 'positional', description: 'comma-separated; default: all', required: false },
    engine: engineFlag,
    seed: { type: 'string', description: 'seed of the twins', default: '1', valueHint: 'N' },
    'time-scale': {
      type: 'string',
      description: 'multiplies every simulated duration',
      default: '1',
      valueHint: 'X',
    },
    detach: { type: 'boolean', description: 'leave it up and return (docker engine)', default: false },
    lease: {
      type: 'string',
      description: 'minutes it stays up when detached',
      default: '60',
      valueHint: 'MIN',
    },
    renew: {
      type: 'string',
      description: 'start nothing, give this environment another lease from now on',
      valueHint: 'ID',
    },
    'disk-mb': {
      type: 'string',
      description: 'size of the disk of each data folder, for disk-full',
      valueHint: 'MB',
    },
    json: {
      type: 'boolean',
      description: 'addresses as one line of JSON on standard output',
      default: false,
    },
  },
  async run({ args }): Promise<ExitCode> {
    const engine = chooseEngine(args.engine)
    const topology = topologyOf(args.services)
    const seed = integerFlag('seed', args.seed, { min: 0, max: 0xffff_ffff })
    const timeScale = positiveFlag('time-scale', args['time-scale'])
    const leaseMs = integerFlag('lease', args.lease, { min: 1, max: 7 * 24 * 60 }) * 60_000
    const diskBytes = diskBytesOf(args['disk-mb'])
    if (engine === 'process' && (args.renew !== undefined || diskBytes.size > 0)) {
      throw new UsageError('Cannot use --renew or --disk-mb: they are of the docker engine; use that')
    }
    if (args.detach && engine === 'process') {
      throw new UsageError(
        'Cannot detach: child processes end with the command; use the docker engine, or leave it in the foreground',
      )
    }
    if (args.renew !== undefined) return await renew(args.renew, leaseMs)
    const log = openLog({ json: args.json })
    tellReports(log)
    using interrupt = listenForInterrupt()
    const lost = new AbortController()
    const stack = await bringUp({
      ...{ engine, topology, seed, timeScale, log, signal: interrupt.signal, diskBytes },
      // What is left up can be broken by hand, at any point.
      controlled: new Set(args.detach ? [...serviceNames, 'upstream'] : []),
      runId: newRunId(),
      startMsMax: 120_000,
      env: process.env,
      onReady: (service, ms) =>
        log.progress(
          `  ${service.id.padEnd(9)} ready in ${(ms / 1000).toFixed(1)} s (${service.description})`,
        ),
      onReaperLost: (reason) => lost.abort(new SquallError('reaper-lost', `Cannot go on: ${reason}`)),
    })
    if (args.detach && stack.detach) {
      stack.detach(leaseMs)
      print(stack, args.json)
      log.progress(
        `up for ${args.lease} min; remove it before that: npm run -s squall -- down ${stack.runId}`,
      )
      return exitCode.pass
    }
    await using _removed = stack
    print(stack, args.json)
    log.progress('up; Ctrl-C removes it')
    await aborted(AbortSignal.any([interrupt.signal, lost.signal]))
    lost.signal.throwIfAborted()
    return exitCode.pass
  },
})

async function renew(runId: string, leaseMs: number): Promise<ExitCode> {
  const found = await findDocker()
  await renewLease(found, chooseEnvironment(await findEnvironments(found), runId), leaseMs)
  process.stdout.write(`${runId}  left up, for ${inWords(leaseMs)} more\n`)
  return exitCode.pass
}

function diskBytesOf(text: string | undefined): ReadonlyMap<ServiceName, number> {
  if (text === undefined) return new Map()
  const bytes = integerFlag('disk-mb', text, { min: 1, max: 4096 }) * 2 ** 20
  return new Map(serviceNames.map((name) => [name, bytes]))
}

/** @throws UsageError for a service that is unknown. */
function topologyOf(words: string | undefined): Topology {
  const names = (words ?? serviceNames.join(',')).split(',').filter((word) => word !== '')
  if (names.length === 0)
    throw new UsageError(`Cannot bring nothing up; name some of ${serviceNames.join(', ')}`)
  return Object.fromEntries(names.map((name) => [choiceFlag('services', name, serviceNames), 'auto']))
}

function print(stack: Stack, json: boolean): void {
  const services = [...stack.services.values()].map(({ id, url, description }) => ({ id, url, description }))
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ runId: stack.runId, engine: stack.engine.kind, services, litellmKey: stack.litellmKey })}\n`,
    )
    return
  }
  for (const service of services) process.stdout.write(`${service.id.padEnd(9)} ${service.url}\n`)
  if (stack.services.has('litellm')) process.stdout.write(`litellm key ${stack.litellmKey}\n`)
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
