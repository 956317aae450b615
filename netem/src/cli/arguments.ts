/** The command line of `netem`, checked completely before anything is started. */
import { parseArgs } from 'node:util'
import { messageOf, NetemError } from '../errors.ts'
import type { Impairment } from '../spec/impairment.ts'
import { parseImpairmentText } from '../spec/parse-text.ts'
import { isPreset, presets } from '../spec/presets.ts'

export type Arguments = {
  readonly container: string
  readonly impairments: readonly Impairment[]
  /** Until Ctrl-C when left out. */
  readonly forMs: number | undefined
  readonly device: string | undefined
  readonly base: string | undefined
  readonly json: boolean
}

export const usage = `Impairs the network of one container, packet by packet, until the time is up or Ctrl-C.

  npm run -s netem -- --container NAME|ID "delay 100ms loss 5%" --for 1m

  --container NAME|ID  the container; only one that you name is touched
  --for TIME           how long: 500ms, 30s, 1m, 2h; until Ctrl-C when left out
  --device NAME        network device in the container; that of its default route when left out
  --base IMAGE         image with Node 24 for the agent; this machine's Node when left out
  --json               receipts as lines of JSON

The impairment is netem's own text. Several are separated by commas; the first that matches strikes a packet:

  "delay 100ms 10ms distribution normal, loss 1% port 8188 direction in"

Besides netem's words: loss every N, corrupt PERCENT checksum fix, rate RATE burst SIZE, direction in|out|both,
peer ADDRESS, port N, protocol tcp|udp|icmp. Or one of: ${Object.keys(presets).join(', ')}.

Exit codes: 0 it struck and is healed, 2 it struck no packet or the container stopped early, 3 refused.
`

/** @throws NetemError `bad-usage` or `bad-impairment` */
export function parseArguments(argv: readonly string[]): Arguments | 'help' {
  const { values, positionals } = parse(argv)
  if (values.help) return 'help'
  const { container } = values
  if (container === undefined || container === '') {
    throw refusal('no container is named; use --container NAME')
  }
  const texts = positionals.join(' ').split(',')
  if (positionals.length === 0) throw refusal('no impairment is named; add one like "delay 100ms"')
  return {
    container,
    impairments: texts.flatMap((text) => readImpairments(text.trim())),
    forMs: values.for === undefined ? undefined : readDuration(values.for),
    device: values.device,
    base: values.base,
    json: values.json ?? false,
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        container: { type: 'string' },
        for: { type: 'string' },
        device: { type: 'string' },
        base: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw refusal(`${messageOf(error).replace(/\.$/, '')}; see --help`)
  }
}

function readImpairments(text: string): readonly Impairment[] {
  return isPreset(text) ? presets[text].impairments : [parseImpairmentText(text)]
}

const durations: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

function readDuration(text: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const ms = Number(count) * (durations[unit ?? ''] ?? Number.NaN)
  if (ms > 0) return ms
  throw refusal(`"${text}" is no time; write it like 500ms, 30s, 1m or 2h`)
}

function refusal(state: string): NetemError {
  return new NetemError('bad-usage', `Cannot impair: ${state}`)
}
