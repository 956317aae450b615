/** The gateway contract against the twin, both programs started as a user starts them. */
import { join } from 'node:path'
import { gatewayContract } from './contract/contract.ts'
import { type Gateway, upstreamFlags } from './contract/gateway.ts'
import { startProgram } from './contract/program.ts'

const masterKey = 'sk-squall-contract'

gatewayContract('gateway twin', async (): Promise<Gateway> => {
  await using stack = new AsyncDisposableStack()
  const upstreamMain = join(import.meta.dirname, '../../openai/src/main.ts')
  const upstream = stack.use(await startProgram({ main: upstreamMain, flags: upstreamFlags }))
  const env = { LITELLM_MASTER_KEY: masterKey, SQUALL_UPSTREAM_URL: `${upstream.url}/v1` }
  const twin = stack.use(await startProgram({ main: join(import.meta.dirname, 'main.ts'), env }))
  const owned = stack.move()
  return { url: twin.url, masterKey, upstream, [Symbol.asyncDispose]: () => owned.disposeAsync() }
})
