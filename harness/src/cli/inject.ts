/**
 * `squall inject`: one fault by hand on an environment that was left up. Stays in the foreground while it is in force
 * and heals it when the time is up, or at Ctrl-C. The flags depend on the fault, so the command is made for it.
 */
import { randomInt } from 'node:crypto'
import { defineCommand } from 'citty'
import { findDocker } from '../environment/find-docker.ts'
import { faultCatalog } from '../faults/catalog.ts'
import type { FaultReceipt } from '../faults/fault.ts'
import { chooseEnvironment, findEnvironments } from '../run/environments.ts'
import { openImages } from '../run/images.ts'
import { injectByHand } from '../run/inject-by-hand.ts'
import { placeOf } from '../run/place.ts'
import { type FaultStep, faultName } from '../spec/fault-plan.ts'
import { type ServiceName, serviceNames } from '../spec/topology.ts'
import { SquallError } from '../support/errors.ts'
import { openLog } from '../support/log.ts'
import { durationFlag, inWords } from './duration-flag.ts'
import { type ExitCode, exitCode } from './exit-code.ts'
import { type FaultWord, faultWord, faultWordLines } from './fault-words.ts'
import { handStep } from './hand-step.ts'
import { listenForInterrupt } from './interrupt.ts'
import { choiceFlag, integerFlag } from './strict-args.ts'
import { UsageError } from './usage-error.ts'

const summary = 'Put one fault in force on an environment that `up --detach` has left up, and heal it'

/** @param rest The words after `inject`. @throws UsageError for a fault that there is not. */
export function injectCommand(rest: readonly string[]): unknown {
  const [, word] = wordsOf(rest)
  if (word !== undefined) return commandFor(faultWord(word))
  const isHelp = rest.includes('--help') || rest.includes('-h')
  const more = `\n\n${faultWordLines().join('\n')}\n\nWhat one takes: squall inject <service> <fault> --help\n\n`
  return defineCommand({
    meta: { name: 'inject', description: isHelp ? summary + more : summary },
    args: commonArgs,
    run: () => {
      throw new UsageError(
        'Cannot inject: name a service and a fault, as in "inject comfyui pause --for 30s"; see --help',
      )
    },
  })
}

const commonArgs = {
  service: { type: 'positional', description: serviceNames.join(', '), required: false },
  fault: { type: 'positional', description: 'what is done to it', required: false },
  for: {
    type: 'string',
    description: 'time after which it is healed; default: until Ctrl-C',
    valueHint: '30s',
  },
  run: { type: 'string', description: 'run id of the environment, if several are up', valueHint: 'ID' },
  spec: { type: 'string', description: 'the whole fault as JSON, instead of its flags', valueHint: '{…}' },
  seed: {
    type: 'string',
    description: 'fixes what is drawn; default: another one each time',
    valueHint: 'N',
  },
  json: {
    type: 'boolean',
    description: 'a line of JSON when it is in force, and when healed',
    default: false,
  },
} as const

type Flags = Readonly<Record<string, unknown>> & {
  readonly [Name in keyof typeof commonArgs]?: string | boolean | undefined
}

function commandFor(word: FaultWord) {
  return defineCommand({
    meta: { name: 'inject', description: word.summary },
    args: { ...commonArgs, ...word.args },
    run: ({ args }) => inject(word, args),
  })
}

/** Everything that can be checked without an engine is checked first. */
async function inject(word: FaultWord, flags: Flags): Promise<ExitCode> {
  const text = (name: keyof typeof commonArgs): string | undefined => {
    const value = flags[name]
    return typeof value === 'string' ? value : undefined
  }
  const on = choiceFlag('service', text('service') ?? '', serviceNames)
  const forMs = durationOf(text('for'))
  const seed = integerFlag('seed', text('seed') ?? String(randomInt(2 ** 32)), { min: 0, max: 2 ** 32 - 1 })
  const step = handStep(faultOf(word, flags, text('spec')), on, forMs)
  const offer = faultCatalog[word.kind].available(placeOf('docker'))
  if (!offer.available) {
    throw new SquallError('cannot-inject', `Cannot inject ${word.kind}: ${offer.reason}; see squall doctor`)
  }
  const found = await findDocker()
  const { runId } = chooseEnvironment(await findEnvironments(found), text('run'))
  const isJson = flags.json === true
  const images = openImages(found.docker, process.env, openLog({ json: isJson }))
  using interrupt = listenForInterrupt('healing')
  const tell = teller({ runId, on, step, forMs, isJson })
  const receipt = await injectByHand({
    ...{ found, runId, on, step, seed, forMs, signal: interrupt.signal },
    agentImage: async () => (await images.netem()).reference,
    onActive: (soFar) => tell('in force', soFar),
  })
  tell('healed', receipt)
  return receipt.bit ? exitCode.pass : exitCode.unknown
}

function durationOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : durationFlag('for', text)
}

function faultOf(word: FaultWord, flags: Flags, spec: string | undefined): unknown {
  if (spec === undefined) return word.fault(flags)
  const given = Object.keys(word.args).find((name) => flags[name] !== undefined)
  if (given !== undefined) {
    throw new UsageError(`Cannot use --spec and --${given}: say the fault in one of the two ways`)
  }
  try {
    return { kind: word.kind, ...(JSON.parse(spec) as object) }
  } catch {
    throw new UsageError(`Cannot use --spec ${spec}: it is no JSON; put it in single quotes`)
  }
}

type Told = {
  readonly runId: string
  readonly on: ServiceName
  readonly step: FaultStep
  readonly forMs: number | undefined
  readonly isJson: boolean
}

function teller({ runId, on, step, forMs, isJson }: Told) {
  const name = faultName(step.fault, on)
  const until = forMs === undefined ? 'until Ctrl-C' : `for ${inWords(forMs)}`
  return (state: 'in force' | 'healed', receipt: FaultReceipt): void => {
    const about = { state, runId, service: on, fault: step.fault, name, receipt }
    const what = state === 'healed' ? name : `${name} ${until}`
    const felt = state === 'healed' && !receipt.bit ? '; it did not bite: use the service meanwhile' : ''
    const line = `${state.padEnd(8)} ${what}: ${receipt.evidence} (${receipt.rung})${felt}`
    process.stdout.write(`${isJson ? JSON.stringify(about) : line}\n`)
  }
}

/** The words that are neither flags nor values of flags. */
function wordsOf(rest: readonly string[]): string[] {
  const isAlone = (flag: string): boolean => flag.includes('=') || ['--json', '--help'].includes(flag)
  return rest.filter((word, index) => {
    const before = rest[index - 1] ?? ''
    return !word.startsWith('-') && !(before.startsWith('--') && !isAlone(before))
  })
}
