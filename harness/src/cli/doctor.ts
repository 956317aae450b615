/** `squall doctor`: what this machine offers: engines, versions, images, and per kind of fault whether it can be done. */
import { defineCommand } from 'citty'
import { examineMachine, type MachineReport } from '../run/examine-machine.ts'
import { openLog } from '../support/log.ts'
import { type ExitCode, exitCode } from './exit-code.ts'

export const doctor = defineCommand({
  meta: {
    name: 'doctor',
    description: 'Say what this machine offers and what is missing; starts and installs nothing',
  },
  args: {
    json: { type: 'boolean', description: 'as JSON on standard output', default: false },
    probe: {
      type: 'boolean',
      description:
        'try out by which rung networks are impaired: builds the image of the agent and runs it once',
      default: false,
    },
  },
  async run({ args }): Promise<ExitCode> {
    const log = openLog({ json: args.json })
    const report = await examineMachine({ env: process.env, probe: args.probe, log })
    process.stdout.write(args.json ? `${JSON.stringify(report, null, 2)}\n` : `${lines(report).join('\n')}\n`)
    return exitCode.pass
  },
})

function lines(report: MachineReport): string[] {
  const mark = (ok: boolean): string => (ok ? 'ok     ' : 'missing')
  return [
    `Squall ${report.versions.squall}, Node ${report.versions.node}, ${report.versions.system}, ${report.cores} cores`,
    '',
    'Engines',
    ...report.engines.map(
      (engine) => `  ${mark(engine.available)} ${engine.kind.padEnd(8)} ${engine.detail}`,
    ),
    '',
    'Images (docker engine)',
    ...report.images.map(imageLine),
    ...(report.images.length === 0 ? ['  none: no container engine answers'] : []),
    '',
    'Faults',
    ...report.faults.flatMap((fault) => {
      const offers = fault.engines.map(
        ({ engine, available, rung, reason }) =>
          `${' '.repeat(24)}${engine.padEnd(8)} ${available ? byRung(rung, reason) : `no: ${reason}`}`,
      )
      const isOffered = fault.engines.some((entry) => entry.available)
      return [`  ${mark(isOffered)} ${fault.kind.padEnd(13)} ${fault.summary}`, ...offers]
    }),
    ...report.notOffered.map(({ kind, reason }) => `  nowhere ${kind.padEnd(13)} ${reason}`),
    '',
    report.runs.dead === 0
      ? `Runs: ${report.runs.alive} alive, no leftovers of dead ones.`
      : `Runs: ${report.runs.alive} alive, ${report.runs.dead} dead; "squall heal" removes what the dead ones left.`,
  ]
}

function byRung(rung: string | undefined, reason: string | undefined): string {
  return `by ${rung}${reason === undefined ? '' : ` (${reason})`}`
}

/** An image that is not there yet is no trouble: the first run that needs it gets it. */
function imageLine(image: MachineReport['images'][number]): string {
  const name = image.name.padEnd(8)
  if (image.present) return `  ok      ${name} ${image.reference}`
  return `  later   ${name} ${image.reference}: will be ${image.how}, ${image.detail}`
}
