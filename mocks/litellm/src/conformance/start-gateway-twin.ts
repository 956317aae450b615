/** The gateway twin with its upstream twin behind it, both started as a user starts them. */
import { join } from 'node:path'
import type { ServedTwin } from '@squall/twin-kit/conformance/case'
import { startTwinProcess } from '@squall/twin-kit/twin-process'

const upstreamMain = join(import.meta.dirname, '../../../openai/src/main.ts')
const gatewayMain = join(import.meta.dirname, '../main.ts')

/** Key of the twins that contracts start. */
export const twinKey = 'sk-squall-conformance'

/** Each in a folder of its own below `folder`. */
export async function startGatewayTwin(folder: string): Promise<ServedTwin> {
  await using stack = new AsyncDisposableStack()
  const flags = ['--time-scale', '0.1']
  const upstream = stack.use(
    await startTwinProcess({ main: upstreamMain, dataFolder: join(folder, 'upstream'), flags }),
  )
  const env = { LITELLM_MASTER_KEY: twinKey, SQUALL_UPSTREAM_URL: `${upstream.url()}/v1` }
  const twin = stack.use(
    await startTwinProcess({ main: gatewayMain, dataFolder: join(folder, 'gateway'), env }),
  )
  const owned = stack.move()
  return { url: twin.url, startAgain: twin.startAgain, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
