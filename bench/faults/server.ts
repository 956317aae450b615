/** The server of the harness's contract tests as one more unit of a stack, for faults whose effect has to be provoked. */
import type { Stack, Unit } from '@squall/harness'
import Docker from 'dockerode'
import { contractImages } from '../../harness/src/environment/contract-images.ts'
import { asProcess, serverEnvironment, serverSource } from '../../harness/src/environment/contract-server.ts'
import { pause } from '../clock.ts'
import { answers } from './watch.ts'

export type Target = { readonly unit: Unit; readonly url: string }

const startMsMax = 20_000

/** Gone with the engine of the stack. */
export async function startServer({ engine }: Stack): Promise<Target> {
  const placement = await engine.place('server', { http: 8188 })
  const program = engine.kind === 'process' ? asProcess(serverSource) : await inContainer()
  const unit = await engine.start({ placement, env: serverEnvironment(placement), program })
  const { host, port } = placement.ports['http']?.outside ?? {}
  const url = `http://${host}:${port}`
  const endsAt = performance.now() + startMsMax
  while (!(await answers(url).catch(() => false))) {
    if (performance.now() > endsAt) throw new Error('the server does not answer')
    await pause(20)
  }
  return { unit, url }
}

async function inContainer() {
  const { node } = await contractImages(new Docker())
  return { kind: 'container', image: node, command: ['node', '-e', serverSource] } as const
}
