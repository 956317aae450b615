/** The twin as the contract's gateway, both programs started as a user starts them. */
import { join } from 'node:path'
import {
  type ConfigName,
  configFiles,
  type Gateway,
  masterKey,
  upstreamFlags,
  upstreamMain,
} from './gateway.ts'
import { startProgram } from './program.ts'

const twinMain = join(import.meta.dirname, '../main.ts')

export async function openTwinGateway(config: ConfigName): Promise<Gateway> {
  await using stack = new AsyncDisposableStack()
  const upstream = stack.use(await startProgram({ main: upstreamMain, flags: upstreamFlags }))
  const env = { LITELLM_MASTER_KEY: masterKey, SQUALL_UPSTREAM_URL: `${upstream.url}/v1` }
  const flags = config === 'compose' ? [] : ['--config', configFiles[config]]
  const twin = stack.use(await startProgram({ main: twinMain, env, flags }))
  const owned = stack.move()
  return { url: twin.url, masterKey, upstream, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
