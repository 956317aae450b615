/**
 * The same benchmark in User Mode Linux: both rungs on the same slow processor, and the kernel rung beside containers.
 * Fewer packets at a slower pace, which the guest keeps up with. A guest that fails costs its own figures only.
 */
import { messageOf } from '../../netem/src/errors.ts'
import type { Row } from './figures.ts'
import { type Measured, type Missing, nothingMeasured } from './result.ts'
import { type GuestWork, runInUml } from './uml.ts'

const pace = ['--packets', '1000', '--every-ms', '4', '--bytes', '0.02', '--rounds', '3']
const rungs = ['--rung', 'kernel', '--rung', 'userspace']

/** Usually about six minutes and four. */
const guestMsMax = 15 * 60_000

type Work = Pick<GuestWork, 'program' | 'args' | 'withEngine'>

export async function measureInUml(tell: (line: string) => void): Promise<Measured> {
  const onLine = (line: string) => tell(`User Mode Linux: ${line.trim()}`)
  const missing: Missing[] = []
  const attempt = async <T>(what: string, otherwise: T, work: Work): Promise<T> => {
    tell(`User Mode Linux boots: ${what}`)
    try {
      const { status, output, complaints } = await runInUml({ ...work, msMax: guestMsMax, onLine })
      // What it could not measure it names in what it prints.
      if (output.trim() !== '') return JSON.parse(output) as T
      throw new Error(`it printed nothing and ended with ${status}: ${complaints}`)
    } catch (error) {
      missing.push({ what, why: messageOf(error) })
      tell(`${what}: ${messageOf(error)}`)
      return otherwise
    }
  }
  const inside = await attempt<Pick<Measured, 'results' | 'missing'>>('both rungs', nothingMeasured, {
    program: 'bench/netem.ts',
    args: [...rungs, ...pace, '--json'],
  })
  const containers = await attempt<readonly Row[]>('containers', [], {
    program: 'bench/netem/uml-containers.ts',
    args: [],
    withEngine: true,
  })
  const failed = containers.filter(({ note }) => String(note).startsWith('FAILED'))
  return {
    results: inside.results.map((result) => ({ ...result, place: 'User Mode Linux' as const })),
    containers,
    missing: [
      ...[...inside.missing, ...missing].map(({ what, why }) => ({ what: `${what}, User Mode Linux`, why })),
      ...failed.map((row) => ({ what: `beside a container: ${row['case']}`, why: String(row['note']) })),
    ],
  }
}
