/**
 * `npm run -s bench -- netem-tests [kernel|userspace|a5]... [--json]`: tests that need netem in the kernel, or a kernel
 * without tcx, under User Mode Linux, on machines that have neither. `kernel`: those of the kernel rung. `userspace`:
 * those of the userspace rung, by clsact. `a5`: the suite of disrupted networks, with a container engine in the guest,
 * its images built there; what the receipts say is told too. The checks are the same as elsewhere; pace and patience
 * are not, because the guest is slow. Exit codes: 0 all passed, and
 * what they did to the network was the kernel's doing; 1 not; 3 it could not be tried.
 */
import { parseArgs } from 'node:util'
import { messageOf } from '../netem/src/errors.ts'
import { type Row, tableOf } from './netem/figures.ts'
import { runInUml } from './netem/uml.ts'

const sets = {
  kernel: { project: 'unit', files: ['netem/src/kernel/'], withEngine: false, slowness: 1 },
  userspace: { project: 'unit', files: ['netem/src/userspace/'], withEngine: false, slowness: 5 },
  a5: {
    project: 'recovery',
    files: ['suites/recovery/network-disruption.test.ts'],
    withEngine: true,
    slowness: 3,
  },
} as const

/** `slowness`: packets are sent and waited for so much more slowly, and jobs take so much longer. */
type SetName = keyof typeof sets

const guestMsMax = 30 * 60_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
})
const wanted = (positionals.length > 0 ? positionals : Object.keys(sets)).map(checkedName)
for (const name of wanted) await runSet(name)

async function runSet(name: SetName): Promise<void> {
  const { project, files, withEngine, slowness } = sets[name]
  const beganMs = performance.now()
  const seconds = () => ((performance.now() - beganMs) / 1000).toFixed(0)
  try {
    const { status, output, complaints } = await runInUml({
      program: 'bench/netem/uml-tests.ts',
      args: [project, ...files],
      withEngine,
      // One processor: two files at once would only be each other's load.
      environment: { NO_COLOR: '1', SQUALL_TEST_SLOWNESS: String(slowness), VITEST_MAX_WORKERS: '1' },
      msMax: guestMsMax,
      onLine: (line) => process.stderr.write(`${seconds().padStart(4)} s  ${line}\n`),
    })
    if (output.trim() === '') throw new Error(`it printed nothing and ended with ${status}: ${complaints}`)
    const told = JSON.parse(output) as Told
    console.log(
      values.json ? JSON.stringify({ bench: 'netem-tests', set: name, ...told }) : textOf(name, told),
    )
    if (status !== 0 || told.receipts.some(({ rung }) => rung !== 'kernel')) process.exitCode = 1
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
