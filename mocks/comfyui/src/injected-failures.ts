/** What an injected failure looks like to clients: the texts of the real server (golden 06, 14; notes 5). */
import { failAs } from './nodes/test/failures.ts'
import { PythonError } from './python-error.ts'
import { NotJson } from './worker-death.ts'

const raised: Readonly<Record<string, () => never>> = {
  'out-of-memory': () => failAs('oom'),
  error: () => {
    throw new PythonError('RuntimeError', 'synthetic failure')
  },
  'corrupt-model': () => {
    throw new PythonError(
      'safetensors._safetensors_rust.SafetensorError',
      'Error while deserializing header: incomplete metadata',
    )
  },
  'missing-file': () => failAs('filenotfound'),
  'worker-death': () => failAs('systemexit'),
  'disk-full': () => {
    throw new PythonError('OSError', '[Errno 28] No space left on device')
  },
}

/** Raises the failure a fault has chosen. Names are those of the catalog, which the fault was checked against. */
export function raiseInjected(name: string): never {
  const raise = raised[name]
  if (raise === undefined) throw new Error(`Cannot fail as ${name}: no such failure is written`)
  return raise()
}

/** Length of a text that some clients refuse as a message (golden 15). */
const hugeLength = 16 * 1024 * 1024

const damages: Readonly<Record<string, () => unknown>> = {
  nan: () => Number.NaN,
  'not-json': () => new NotJson('ndarray'),
  huge: () => 'x'.repeat(hugeLength),
}

/** UI data with something in it that clients or the server do not survive. */
export function damagedUi(ui: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  return { ...ui, value: [damages[name]?.()] }
}
