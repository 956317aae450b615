/**
 * Tries to open a connection and tells how that went; here, or as a program in a test network:
 * `node dial.ts ADDRESS PORT PATIENCE_MS` prints it as JSON.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { TestNetwork } from './network.ts'

export type Dialled = {
  /** `open`, `silence` when nothing came in time, or the system's error. */
  readonly outcome: string
  readonly tookMs: number
}

const program = fileURLToPath(import.meta.url)

export async function dial(host: string, port: number, patienceMs: number): Promise<Dialled> {
  const beganMs = performance.now()
  const socket = connect({ host, port, timeout: patienceMs })
  const outcome = await new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('open'))
    socket.once('timeout', () => resolve('silence'))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
  socket.destroy()
  return { outcome, tookMs: performance.now() - beganMs }
}

export async function dialFrom(
  network: TestNetwork,
  host: string,
  port: number,
  patienceMs: number,
): Promise<Dialled> {
  const child = network.start(process.execPath, [program, host, String(port), String(patienceMs)])
  if (!child.stdout) throw new Error('the program has no output')
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return JSON.parse(line.toString()) as Dialled
}

if (process.argv[1] === program) {
  const [host = '', port, patienceMs] = process.argv.slice(2)
  process.stdout.write(JSON.stringify(await dial(host, Number(port), Number(patienceMs))))
}
