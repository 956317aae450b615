/** The echo of `echo.ts` inside a test network. */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { TestNetwork } from './network.ts'

const program = fileURLToPath(new URL('./echo.ts', import.meta.url))

export async function startEcho(
  network: TestNetwork,
): Promise<{ readonly udp: number; readonly tcp: number }> {
  const child = network.start(process.execPath, [program])
  if (!child.stdout) throw new Error('the echo has no output')
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return JSON.parse(line.toString()) as { udp: number; tcp: number }
}
