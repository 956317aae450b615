/**
 * `npm run -s bench -- netem-tests [kernel|userspace|a5]... [--json]`: tests that need netem in the kernel, or a kernel
 * without tcx, under User Mode Linux, on machines that have neither. `kernel`: those of the kernel rung. `userspace`:
 * those of the userspace rung, by clsact. `a5`: the suite of disrupted networks, with a container engine in the guest,
 * its images built there; what the receipts say is told too. Their own budgets hold there; only the time limit of a
 * test is longer, because the guest is slow. Exit codes: 0 all passed, 1 not, 3 it could not be tried.
 */
import { parseArgs } from 'node:util'
import { messageOf } from '../netem/src/errors.ts'
import { type Row, tableOf } from './netem/figures.ts'
import { runInUml } from './netem/uml.ts'

const sets = {
  kernel: { project: 'unit', files: ['netem/src/kernel/'], withEngine: false },
  userspace: { project: 'unit', files: ['netem/src/userspace/'], withEngine: false },
  a5: { project: 'recovery', files: ['suites/recovery/network-disruption.test.ts'], withEngine: true },
} as const

type SetName = keyof typeof sets

const guestMsMax = 30 * 60_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
})
const wanted = (positionals.length > 0 ? positionals : Object.keys(sets)).map(checkedName)
for (const name of wanted) await runSet(name)

async function runSet(name: SetName): Promise<void> {
  const { project, files, withEngine } = sets[name]
  const beganMs = performance.now()
  const seconds = () => ((performance.now() - beganMs) / 1000).toFixed(0)
  try {
    const { status, output, complaints } = await runInUml({
      program: 'bench/netem/uml-tests.ts',
      args: [project, ...files],
      withEngine,
      // There is a container engine only; tests that could take another are not what this is for.
      environment: { NO_COLOR: '1', CI: 'true' },
      msMax: guestMsMax,
      onLine: (line) => process.stderr.write(`${seconds().padStart(4)} s  ${line}\n`),
    })
    if (output.trim() === '') throw new Error(`it printed nothing and ended with ${status}: ${complaints}`)
    const told = JSON.parse(output) as Told
    console.log(
      values.json ? JSON.stringify({ bench: 'netem-tests', set: name, ...told }) : textOf(name, told),
    )
    if (status !== 0) process.exitCode = 1
  } catch (error) {
    console.error(`bench: Cannot run the tests ${name}: ${messageOf(error)}`)
    process.exitCode = 3
  }
}

type Told = { readonly tests: readonly Row[]; readonly errors: number; readonly receipts: readonly Row[] }

function textOf(name: SetName, { tests, errors, receipts }: Told): string {
  const of = (result: string) => tests.filter((row) => row['result'] === result).length
  const sum = `${of('passed')} passed, ${of('failed') + errors} failed, ${of('skipped')} skipped`
  const tables = [tests, receipts].filter((rows) => rows.length > 0).map(tableOf)
  return [`## ${name} in User Mode Linux: ${sum}`, ...tables].join('\n\n')
}

/** Ends the program when there is none of this name. */
function checkedName(name: string): SetName {
  if (Object.hasOwn(sets, name)) return name as SetName
  console.error(`bench: Cannot run the tests ${name}: there are ${Object.keys(sets).join(', ')}`)
  process.exit(3)
}
