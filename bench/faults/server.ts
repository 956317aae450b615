/** The server of the harness's contract tests as one more unit of a stack, for faults whose effect has to be provoked. */
import type { Stack, Unit } from '@squall/harness'
import Docker from 'dockerode'
import { contractImages } from '../../harness/src/environment/contract-images.ts'
import { asProcess, serverEnvironment, serverSource } from '../../harness/src/environment/contract-server.ts'
import { type Link, openLink } from '../../netem/src/index.ts'
import { pause } from '../clock.ts'
import { answers } from './watch.ts'

export type Target = { readonly unit: Unit; readonly url: string; readonly link?: Link }

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

/** The same server with a proxy before it, as one stands before a service whose connections a plan harms. */
export async function behindLink({ unit }: Target): Promise<AsyncDisposable & Required<Target>> {
  const service = unit.placement.ports['http']?.outside ?? { host: '127.0.0.1', port: 0 }
  const link = await openLink({ listen: { host: '127.0.0.1', port: 0 }, service })
  const url = `http://${link.address.host}:${link.address.port}`
  return { unit, url, link, [Symbol.asyncDispose]: () => link[Symbol.asyncDispose]() }
}

async function inContainer() {
  const { node } = await contractImages(new Docker())
  return { kind: 'container', image: node, command: ['node', '-e', serverSource] } as const
}
